import { PassThrough } from 'node:stream';
import { once } from 'node:events';
import type { TargetColumn } from '../../../workflows/contract';
import type { TableContract } from '../../../workflows/table-contract';
import type { RetryableRows } from '../quarantine';
import { unknownColumns } from '../quarantine-policy';
import type { PostgresClient, Session } from './client';
import type { ResolvedPostgresConfig, TransactionBounds } from './config';
import { ledgerNames, type LedgerNames } from './ledger-schema';
import { eachPage } from './quarantine-rows';
import { ownKeys, rowsWithState } from './quarantine-sql';
import { literal } from './sql';
import { stageColumns } from './stage-columns';

type Values = readonly (string | null)[];

/** For reading rows while somebody else decides how fast. */
export const readingBounds = (config: ResolvedPostgresConfig): TransactionBounds => ({
  timeoutMs: config.stageTimeoutMs,
  frozenTimeoutMs: 600_000,
  lockTimeoutMs: config.lockTimeoutMs,
});

/** See `QuarantineDesk.take`. */
export async function* takeRows(
  client: PostgresClient,
  config: ResolvedPostgresConfig,
  rows: RetryableRows,
  contract: TableContract,
  columns: readonly TargetColumn[] | null,
  signal: AbortSignal,
): AsyncGenerator<Values> {
  const names = ledgerNames(config);
  const source = sourceOf(names, rows);
  const pages = new PassThrough({ objectMode: true, highWaterMark: 1 });
  const reading = client
    .transaction(readingBounds(config), signal, async (tx) => {
      await refuseUnknown(tx, source, rows, contract);
      await eachPage<{ values: Values }>(tx, valuesSql(source.sql, contract, columns), source.values, async (page) => {
        if (!pages.write(page)) await once(pages, 'drain', { signal });
      });
      return { value: undefined, commit: false };
    })
    .then(
      () => void pages.end(),
      (error: unknown) => void pages.destroy(error as Error),
    );
  for await (const page of pages) yield* (page as { values: Values }[]).map((r) => r.values);
  await reading;
}

interface Selected {
  /** Rows as `id, row`. */
  readonly sql: string;
  readonly values: readonly unknown[];
}

function sourceOf(names: LedgerNames, { loadId, target, repaired, repair, rows }: RetryableRows): Selected {
  return repaired
    ? {
        sql: `SELECT row_id AS id, row FROM ${names.quarantineRepairs} WHERE load_id = $1 AND target = $2 AND repair = $3`,
        values: [loadId, target, repair],
      }
    : {
        sql: `SELECT r.id, ${ownKeys('r.row')} AS row FROM (${rowsWithState(names)}) r WHERE r.id = ANY($3)`,
        values: [loadId, target, rows],
      };
}

/** A number keeps all its digits: it is text from here to the stage. */
function valuesSql(source: string, contract: TableContract, columns: readonly TargetColumn[] | null): string {
  const values = stageColumns({ contract, columns }).map(({ name, nested }) =>
    nested ? `nullif(row -> ${literal(name)}, 'null')::text` : `row ->> ${literal(name)}`,
  );
  return `SELECT ARRAY[${values.join(', ')}]::text[] AS values FROM (${source}) s ORDER BY id`;
}

/** @throws `UnknownColumn` for what would be lost */
async function refuseUnknown(
  tx: Session,
  { sql, values }: Selected,
  { target }: RetryableRows,
  { name, columns, extraColumns }: TableContract,
): Promise<void> {
  if (extraColumns === 'ignore') return;
  const found = await tx.rows<{ key: string }>(
    'quarantine:columns',
    `SELECT DISTINCT k.key FROM (${sql}) s, jsonb_object_keys(s.row) k(key) WHERE k.key <> ALL($4) LIMIT 20`,
    [...values, Object.keys(columns)],
  );
  if (!found.length) return;
  throw unknownColumns(
    target,
    found.map((f) => f.key),
    name,
  );
}
