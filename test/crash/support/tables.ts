import type { TableContract } from '../../../workflows/table-contract';

/** The modes that the crash tests load with; each has a table of its own. */
export type CrashMode = 'append' | 'merge' | 'replace-partition';

/** The columns of every table, with what each means to PostgreSQL and to DuckDB. */
export const columns = {
  id: { type: 'bigint', duck: 'BIGINT', text: ['id::text', 'id::VARCHAR'] },
  day: { type: 'date', duck: 'DATE', text: [`to_char(day, 'YYYY-MM-DD')`, `strftime(day, '%Y-%m-%d')`] },
  amount: { type: 'decimal(12,2)', duck: 'DECIMAL(12,2)', text: ['amount::text', 'amount::VARCHAR'] },
  paid: { type: 'boolean', duck: 'BOOLEAN', text: ['paid::text', 'paid::VARCHAR'] },
  note: { type: 'text', duck: 'VARCHAR', text: ['note', 'note'] },
  updated: {
    type: 'timestamptz',
    duck: 'TIMESTAMP',
    text: [
      `to_char(updated AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.US')`,
      `strftime(updated, '%Y-%m-%d %H:%M:%S.%f')`,
    ],
  },
} as const;

const shared = {
  columns: Object.fromEntries(Object.entries(columns).map(([name, { type }]) => [name, { type }])),
  create: 'if-missing',
} as const;

const judged = { type: 'decimal(12,2)', range: { max: 9_000 } } as const;

export const contracts: readonly TableContract[] = [
  { ...shared, name: 'events', table: 'main/public.events' },
  { ...shared, name: 'customers', table: 'main/public.customers', key: ['id'], newest: 'updated' },
  // The same table; every day has rows that break it.
  { ...shared, name: 'judged', table: 'main/public.events', columns: { ...shared.columns, amount: judged } },
  { ...shared, name: 'sales', table: 'main/public.sales', partition: { column: 'day', by: 'day' } },
];

export const tableOf: Readonly<Record<CrashMode, string>> = {
  append: 'events',
  merge: 'customers',
  'replace-partition': 'sales',
};
