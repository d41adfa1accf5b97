import { createHash } from 'node:crypto';
import type { CanaryTable, TargetColumn } from '../../../workflows/contract';
import { scratchContract } from '../scratch-policy';
import type { ScratchWarehouse, Warehouse } from '../warehouse';
import { foundVersion, ledgerNames } from './ledger-schema';
import { raw, sql, type RunOptions, type SqlBackend } from './port';

/** Where a canary loads to. */
export interface ScratchPlace {
  /** The warehouse with ledger and stages of its own, and the backend of these. */
  readonly warehouse: Warehouse;
  readonly backend: SqlBackend;
  /** Whose schemas are those of the scratch tables, by the name that contracts have for it. */
  readonly tables: SqlBackend;
  readonly schema: string;
}

/** Reading whole tables may take longer than a look at the catalogue. */
const readingMs = 10 * 60_000;

/** See `Warehouse.scratch`. */
export function openScratch(name: string, place: ScratchPlace): ScratchWarehouse {
  const { warehouse, backend, tables, schema } = place;
  let made: Promise<void> | undefined;
  const close = async (): Promise<void> =>
    void (await Promise.allSettled([warehouse, backend, tables].map((one) => one.close())));
  return {
    ...warehouse,
    contract: (contract) => scratchContract(contract, name, schema),
    async resolveTarget(contract, mode) {
      made ??= tables.makeSchemas();
      await made.catch((error: unknown) => {
        made = undefined;
        throw error;
      });
      return warehouse.resolveTarget(contract, mode);
    },
    tables: (signal) => contents(name, place, { signal, timeoutMs: readingMs }),
    async remove() {
      for (const one of new Set([tables.ledgerSchema, backend.ledgerSchema, backend.stageSchema]))
        await backend.run('canary', sql`DROP SCHEMA IF EXISTS ${raw(one)} CASCADE`);
      await close();
    },
    close,
  };
}

/** The tables that loads were opened for, as far as these have made them. */
async function contents(
  warehouse: string,
  { backend, schema }: ScratchPlace,
  bounds: RunOptions,
): Promise<CanaryTable[]> {
  if ((await foundVersion(backend)) === 0) return [];
  const target = raw(backend.dialect.ident('target'));
  const claimed = await backend.rows<{ target: string }>(
    'canary',
    sql`SELECT DISTINCT ${target} FROM ${raw(ledgerNames(backend).claim_targets)} ORDER BY 1`,
    bounds,
  );
  const found: CanaryTable[] = [];
  for (const { target: identity } of claimed) {
    const table = decodeURIComponent(identity.split('.').at(-1)!);
    const known = await backend.findTable(`${warehouse}/${schema}.${table}`);
    if (known)
      found.push({
        table: `${warehouse}/${table}`,
        ...(await contentOf(backend, known.target, known.columns, bounds)),
      });
  }
  return found;
}

/** Kinds of rows that are fetched at once. */
const pageRows = 1_000;

/** By what tells rows apart, in its order: equal for equal rows in whatever order they lie. */
async function contentOf(
  { dialect, rows: read }: SqlBackend,
  target: string,
  columns: readonly TargetColumn[],
  bounds: RunOptions,
): Promise<Pick<CanaryTable, 'rows' | 'sha256'>> {
  const key = raw(dialect.ident('_loadline_row'));
  const n = raw(dialect.ident('n'));
  const row = raw(dialect.rowKey(columns.map((c) => ({ sql: `t.${dialect.ident(c.name)}`, type: c.type }))));
  const hash = createHash('sha256');
  let rows = 0;
  for (let last: string | undefined; ;) {
    const after = last === undefined ? sql`` : sql` WHERE s.${key} > ${last}`;
    const page: { _loadline_row: string; n: unknown }[] = await read(
      'canary',
      sql`SELECT s.${key} AS ${key}, COUNT(*) AS ${n} FROM (SELECT ${row} AS ${key} FROM ${raw(dialect.relation(target))} t) s${after}
          GROUP BY s.${key} ORDER BY s.${key} LIMIT ${raw(String(pageRows))}`,
      bounds,
    );
    for (const { _loadline_row: text, n: count } of page) {
      hash.update(JSON.stringify([text, Number(count)]));
      rows += Number(count);
      last = text;
    }
    if (page.length < pageRows) return { rows, sha256: hash.digest('hex') };
  }
}
