/** Activities that tell workflow code of people and machines. @module */
export interface Customer {
  readonly name: string;
  readonly email: string;
  readonly orders: number;
}
export type Find = (input: { readonly region: string }) => Promise<readonly Customer[]>;

export const findCustomers: Find = async () => [
  { name: 'Marguerite Vandersloot', email: 'marguerite@vandersloot.test', orders: 3 },
  { name: 'Ottoline', email: 'ottoline@vandersloot.test', orders: 1 },
];

export async function fail(): Promise<void> {
  throw new Error('connect ECONNREFUSED 10.11.12.13:5432 as otto at /srv/exports/secret-plans.csv');
}
