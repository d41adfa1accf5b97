import { z } from 'zod';
import { loadFailure } from '../workflows/load-error';
import type { LoadRequest, RetryQuarantineInput, WriteQuarantinedResult } from '../workflows/contract';
import type { TableContract } from '../workflows/table-contract';
import { parseTableName } from './contracts';
import { pathText, refusalsOf, strict } from './contracts/zod-issue';
import { named, type ActivityDeps } from './deps';
import { alreadyLoaded } from './open-load';
import { runStep } from './run-step';
import type { Row } from './sources/written-rows';
import type { RetryableRows } from './warehouses/quarantine';
import type { Warehouse } from './warehouses/warehouse';
import { writeOneFile } from './write-batch';

/** See `LoadActivities['loadline.writeQuarantined']`. */
export function writeQuarantined(deps: ActivityDeps, input: RetryQuarantineInput): Promise<WriteQuarantinedResult> {
  return runStep(deps.buildId, null, async ({ signal }): Promise<WriteQuarantinedResult> => {
    checkInput(input);
    const warehouse = warehouseOf(deps, input.warehouse);
    const found = await warehouse.quarantine.retryable(input.load, input.table, input.repair);
    if ('receipt' in found) return { receipt: alreadyLoaded(found.receipt, found.receipt.batch.filesSkipped) };
    const contract = await contractOf(deps, warehouse, found);
    const { columns } = await warehouse.resolveTarget(contract, found.mode);
    const names = Object.entries(contract.columns).map(([name, c]) => c.from ?? name);
    const rows = namedValues(warehouse.quarantine.take(found, contract, columns, signal), names);
    const { loadId, target, repair } = found;
    const { by, reason, outOfOrder = 'refuse' } = input;
    const batch = await writeOneFile(
      rows,
      { name: `quarantine-${loadId}`, columns: names },
      { loadId, target, rows: found.rows, repair, by, reason, outOfOrder },
    );
    return { request: requestOf(found, contract, batch, input.onChanged) };
  });
}

/** As the load that set the rows aside would have loaded them, but for its order, which the publish of repairs decides. */
function requestOf(
  { pipeline, mode, interval, loadId, repair, dedup }: RetryableRows,
  { name }: TableContract,
  from: LoadRequest['from'],
  onChanged: 'refuse' | 'reprocess' = 'refuse',
): LoadRequest {
  return {
    pipeline,
    into: name,
    mode,
    from,
    ...(interval && { interval }),
    part: `quarantine-${loadId}-${repair}`,
    onChanged,
    ...(mode === 'append' && dedup && { dedup }),
    ...(mode === 'merge' && { outOfOrder: 'allow' }),
  } as LoadRequest;
}

async function* namedValues(
  rows: AsyncIterable<readonly (string | null)[]>,
  names: readonly string[],
): AsyncGenerator<Row> {
  for await (const values of rows) yield Object.fromEntries(names.map((name, i) => [name, values[i] ?? null]));
}

function warehouseOf({ warehouses }: ActivityDeps, name: string | undefined): Warehouse {
  if (name !== undefined) return named(warehouses, name, 'UnknownWarehouse');
  const [only, ...others] = warehouses.values();
  if (only && others.length === 0) return only;
  throw loadFailure('InvalidRequest', {
    object: 'retryQuarantine.warehouse',
    expected: `one of ${[...warehouses.keys()].join(', ')}`,
    got: 'no name',
  });
}

/** The contract by which the rows were set aside; of rows of older releases that of their table. */
async function contractOf(
  { contracts }: ActivityDeps,
  warehouse: Warehouse,
  { contract, target, mode }: RetryableRows,
): Promise<TableContract> {
  const known = contract === null ? undefined : contracts.get(contract);
  if (known) return known;
  const fitting: TableContract[] = [];
  for (const candidate of contracts.values()) {
    if (parseTableName(candidate.table)?.warehouse !== warehouse.name) continue;
    const resolved = await warehouse.resolveTarget(candidate, mode).catch(() => undefined);
    if (resolved?.target === target) fitting.push(candidate);
  }
  if (fitting.length === 1) return fitting[0]!;
  throw loadFailure('UnknownContract', {
    object: target,
    expected: contract === null ? 'one contract of this table' : `contract ${contract}, or one of this table`,
    got: fitting.map((c) => c.name).join(', ') || 'none',
  });
}

const text = (what: string) => z.string({ error: what }).min(1, { error: what }).max(500, { error: what });
const line = (what: string) => text(what).regex(/^\P{Cc}*$/u, { error: what });
const shape = strict(
  {
    warehouse: text('the name of a warehouse').optional(),
    load: text('a load id or a load key'),
    table: text('schema.table').optional(),
    repair: text('what `loadline quarantine retry --file` has told').optional(),
    by: line('a name of one line'),
    reason: line('a reason of one line'),
    outOfOrder: z.enum(['refuse', 'allow'], { error: 'refuse or allow' }).optional(),
    onChanged: z.enum(['refuse', 'reprocess'], { error: 'refuse or reprocess' }).optional(),
  },
  'an object with load, by and reason',
);

/** As a person may write it into `temporal workflow start --input`. @throws `InvalidRequest` */
function checkInput(value: unknown): void {
  const written: unknown = JSON.parse(JSON.stringify(value ?? null));
  const parsed = shape.safeParse(written);
  if (parsed.success) return;
  const [first] = refusalsOf(parsed.error, written);
  throw loadFailure('InvalidRequest', {
    object: ['retryQuarantine', pathText(first!.path)].filter(Boolean).join('.'),
    expected: first!.expected,
    ...(first!.got === undefined ? {} : { got: first!.got }),
    ...(first!.remedy === undefined ? {} : { remedy: first!.remedy }),
  });
}
