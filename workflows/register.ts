/**
 * Merge your configuration's type into this interface, and names of contracts, stores and warehouses complete in
 * the editor and typos do not compile. Types only: nothing is imported at run time.
 *
 * @example
 * ```ts
 * declare module 'loadline' {
 *   interface Register { config: typeof import('./loadline.config').default }
 * }
 * ```
 */
// eslint-disable-next-line @typescript-eslint/no-empty-object-type -- filled by the user's declaration merging
export interface Register {}

type Registered = Register extends { config: infer C } ? C : { stores: Record<string, unknown>; contracts: unknown };
type NamesOf<T> = T extends readonly (infer C)[] ? (C extends { name: infer N extends string } ? N : string) : string;

/** The name of a contract in the configuration. */
export type ContractName = Registered extends { contracts: infer C } ? NamesOf<C> : string;
/** The name of a store in the configuration. */
export type StoreName = Registered extends { stores: infer S } ? Extract<keyof S, string> : string;
