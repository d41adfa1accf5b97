import type { WriteCanaryResult } from '../../workflows/contract';
import type { TableContract } from '../../workflows/table-contract';
import { writeBatch } from '../write-batch';
import type { Row } from '../sources/written-value';

const nameOf = (warehouse: string): string => `loadline-canary-${warehouse}`;

/** The contracts of the built-in canary: a column of each type that warehouses have in common. */
export function canaryContracts(warehouses: readonly string[]): TableContract[] {
  return warehouses.map((warehouse) => ({
    name: nameOf(warehouse),
    table: `${warehouse}/loadline_canary`,
    columns: {
      id: { type: 'bigint', notNull: true },
      name: { type: 'text', length: { max: 40 } },
      small: { type: 'smallint' },
      whole: { type: 'integer' },
      amount: { type: 'decimal(12,2)', range: { min: 0 }, severity: 'quarantine' },
      share: { type: 'real' },
      ratio: { type: 'double' },
      active: { type: 'boolean' },
      day: { type: 'date' },
      at_time: { type: 'time' },
      local_at: { type: 'timestamp' },
      changed_at: { type: 'timestamptz', notNull: true },
      ref: { type: 'uuid' },
      document: { type: 'json' },
      content: { type: 'bytes' },
    },
    key: ['id'],
    newest: 'changed_at',
    create: 'if-missing',
    rows: { min: 1 },
  }));
}

/** Fixed, so that two builds that agree leave the same content. One row repeats another, one is set aside. */
function rows(): Row[] {
  const row = (id: number, amount: string, name: string | null): Row => ({
    id,
    name,
    small: 7 - id,
    whole: id * 100_000,
    amount,
    share: 0.5,
    ratio: 1 / 3,
    active: id % 2 === 0,
    day: '2026-02-28',
    at_time: '23:59:59.5',
    local_at: '2026-02-28 23:59:59.5',
    changed_at: '2026-02-28T23:59:59.5Z',
    ref: '00000000-0000-4000-8000-000000000001',
    document: '{"nested":{"list":[1,null,"x"]}}',
    content: '\\x00ff',
  });
  return [
    row(1, '12.50', 'plain'),
    row(2, '0.00', 'with "quotes", a comma\nand a line'),
    row(3, '9999999999.99', ''),
    row(4, '1.00', null),
    row(4, '1.00', null),
    row(5, '-1.00', 'set aside'),
  ];
}

/** Writes the batch once, and names a load of it for each warehouse. */
export async function writeFixture(warehouses: readonly string[]): Promise<WriteCanaryResult> {
  if (warehouses.length === 0) return { loads: [] };
  const from = await writeBatch(rows(), { name: 'loadline-canary' });
  return {
    loads: warehouses.map((name) => ({ pipeline: 'loadline-canary', into: nameOf(name), mode: 'merge', from })),
  };
}
