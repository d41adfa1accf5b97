import { loadFailure } from '../workflows/load-error';
import { identityOf, loadKeyOf } from '../workflows/load-key';
import { inTargetOrder } from '../workflows/target-order';
import { checkRequest, partitionRanges } from '../workflows/plan-load';
import type { DedupOptions, LoadIdentity, LoadRequest, OpenTarget, ResolvedDedup } from '../workflows/contract';
import { interval as intervalBetween, type Interval } from '../workflows/interval';
import type { TableCheck, TableContract } from '../workflows/table-contract';
import { parseTableName } from './contracts';
import { parseDuration } from './duration';
import { named, type ActivityDeps } from './deps';
import { flooredInterval } from './interval-of';
import { combinedIdentity } from './sources/source-identity';
import { sourceIdentityOf } from './sources/list-source';
import type { ListedFile } from './stores/store';
import { checkRequestShape } from './request-shape';
import type { Warehouse } from './warehouses/warehouse';

/** Requests as the warehouse understands them: targets by catalogue identity, the interval exact, the key made. */
export interface ResolvedLoad {
  readonly warehouse: Warehouse;
  readonly pipeline: string;
  readonly loadKey: string;
  readonly identity: LoadIdentity;
  readonly interval?: Interval;
  readonly onChanged: 'refuse' | 'reprocess';
  readonly targets: readonly OpenTarget[];
}

/**
 * Resolves requests without claiming anything.
 *
 * @throws `InvalidRequest`, `UnknownContract`, `UnknownWarehouse`, `UnknownStore`, `TargetNotFound`, `SchemaMismatch`
 */
export async function resolveLoad(
  deps: ActivityDeps,
  requests: readonly LoadRequest[],
  nominalTime: string,
): Promise<ResolvedLoad> {
  for (const request of requests) checkRequestShape(request);
  const [first] = requests;
  if (!first) throw loadFailure('InvalidRequest', { object: 'load', expected: 'at least one request', got: 'none' });
  for (const request of requests) checkRequest(request, named(deps.contracts, request.into, 'UnknownContract'));
  checkSet(requests);
  const interval = intervalFor(first, nominalTime);
  const names = new Set(requests.map((r) => warehouseOf(deps, r)));
  if (names.size > 1) refuseSet('into', 'tables of one warehouse', [...names].join(', '));
  const warehouse = named(deps.warehouses, [...names][0]!, 'UnknownWarehouse');
  const targets: OpenTarget[] = [];
  for (const request of requests) targets.push(await resolveTarget(deps, warehouse, request, interval));
  if (new Set(targets.map((t) => t.target)).size < targets.length)
    refuseSet('into', 'each table once', 'one table twice');
  const identity = identityOf(first);
  // By what they are, not as they were written: another spelling is the same load.
  const partitions = interval ? undefined : targets[0]?.partitions?.map((p) => p.start);
  const parts = {
    pipeline: first.pipeline,
    targets: targets.map((t) => t.target),
    identity,
    interval,
    partitions,
    part: first.part,
  };
  return {
    warehouse,
    pipeline: first.pipeline,
    loadKey: loadKeyOf(parts),
    identity,
    ...(interval && { interval }),
    onChanged: first.onChanged ?? 'refuse',
    targets,
  };
}

/** What a set shares is said by its first request; another that says otherwise would be ignored in silence. */
function checkSet(requests: readonly LoadRequest[]): void {
  const [first, ...rest] = requests;
  const shared = ['pipeline', 'interval', 'part', 'onChanged'] as const;
  for (const request of rest) {
    const other = shared.find((field) => JSON.stringify(request[field]) !== JSON.stringify(first![field]));
    if (other) refuseSet(other, 'the same in every request of a set', 'different values');
    if (identityOf(request) !== identityOf(first!))
      refuseSet('mode', 'modes that all need an interval, or none', request.mode);
  }
  if (rest.length && requests.some((r) => r.mode === 'replace-partition' && r.partitions)) {
    refuseSet('partitions', 'an interval', 'a list, which a set cannot share');
  }
}

function refuseSet(field: string, expected: string, got: string): never {
  throw loadFailure('InvalidRequest', { object: `loadSet.${field}`, expected, got });
}

function intervalFor({ interval }: LoadRequest, nominalTime: string): Interval | undefined {
  if (!interval) return undefined;
  return 'grain' in interval ? flooredInterval(interval, nominalTime) : intervalBetween(interval.start, interval.end);
}

function warehouseOf(deps: ActivityDeps, request: LoadRequest): string {
  const { table } = named(deps.contracts, request.into, 'UnknownContract');
  return parseTableName(table)?.warehouse ?? table;
}

async function resolveTarget(
  deps: ActivityDeps,
  warehouse: Warehouse,
  request: LoadRequest,
  interval: Interval | undefined,
): Promise<OpenTarget> {
  const written = named(deps.contracts, request.into, 'UnknownContract');
  const contract = request.from.kind === 'batch' && request.from.repairs ? ofSingleRows(written) : written;
  if (request.from.kind === 'files') named(deps.stores, request.from.store, 'UnknownStore');
  const resolved = await warehouse.resolveTarget(contract, request.mode);
  return {
    warehouse: warehouse.name,
    target: resolved.target,
    contract,
    mode: request.mode,
    source: request.from,
    ...(request.mode === 'replace-partition' && {
      partitions: partitionRanges(contract, interval, request.partitions),
    }),
    ...(request.mode === 'append' && request.dedup && { dedup: resolvedDedup(request.dedup) }),
    outOfOrder: ('outOfOrder' in request && request.outOfOrder) || 'refuse',
    allowEmpty: 'allowEmpty' in request && request.allowEmpty === true,
    columns: resolved.columns,
    reversible: resolved.reversible,
  };
}

/**
 * What is expected of a whole batch says nothing of the few rows of one that are repaired. Somebody has decided already
 * that they may stay aside, so a row that is still bad holds up nobody else's.
 */
function ofSingleRows({ rows: _, columns, checks, ...contract }: TableContract): TableContract {
  const each = <C extends Pick<TableCheck, 'severity' | 'failAbove'>>({ failAbove: _, ...check }: C) => ({
    ...check,
    severity: check.severity === 'warn' ? ('warn' as const) : ('quarantine' as const),
  });
  return {
    ...contract,
    columns: Object.fromEntries(Object.entries(columns).map(([name, column]) => [name, each(column)])),
    ...(checks && {
      checks: checks.filter((c) => !('freshness' in c || 'sum' in c)).map((c) => each(c) as TableCheck),
    }),
  };
}

function resolvedDedup({ by, time, window }: DedupOptions): ResolvedDedup {
  return { by: [...new Set(by)], time, windowMs: Math.round(parseDuration(window)) };
}

/** A target's source as a listing shows it. */
export interface ListedSource {
  readonly files: readonly ListedFile[];
  /** See `sourceIdentityOf`; a written batch is its hash. */
  readonly identity: string | null;
}

/** Lists the source of one target. @throws `NoFilesMatched`, `SourceNotFound`, `SourceUnreadable` */
export async function listSource(deps: ActivityDeps, { source }: OpenTarget): Promise<ListedSource> {
  if (source.kind === 'batch') return { files: [], identity: `batch:${source.sha256}` };
  const store = named(deps.stores, source.store, 'UnknownStore');
  const files = await store.list(source.glob);
  if (!files.length) {
    throw loadFailure('NoFilesMatched', {
      object: `${source.store}:${source.glob}`,
      expected: `a file under ${store.root} that matches ${source.glob}`,
      got: 'none',
    });
  }
  return { files, identity: sourceIdentityOf(files, source) };
}

/** The identity of all sources of a load. */
export function loadSourceIdentity(targets: readonly OpenTarget[], listed: readonly ListedSource[]): string | null {
  return combinedIdentity(
    inTargetOrder(
      targets,
      listed.map((l) => l.identity),
    ),
  );
}
