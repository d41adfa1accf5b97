import { loadFailure } from '../workflows/load-error';
import type { BatchRef, LoadReceipt, LoadRequest, OpenTarget, Source } from '../workflows/contract';
import { named, type ActivityDeps } from './deps';
import { checkColumns } from './extract';
import { listSource, loadSourceIdentity, resolveLoad, type ListedSource, type ResolvedLoad } from './loads';
import { emittedProtocol } from './open-load';
import { readManifest, writeManifest } from './sources';
import type { ManifestFile } from './sources/manifest';
import { unknownContent } from './warehouses/adopt-policy';
import type { AdoptedBatch, SignedBy } from './warehouses/warehouse';

type Unsourced<R> = R extends unknown ? Omit<R, 'from'> & { readonly from?: Source } : never;
/** The load to adopt, as it would be asked for. Without `from` nothing is known of its content. */
export type AdoptRequest = Unsourced<LoadRequest>;

/** Stands where a source must be named, and says that there is none. */
const nothingKnown = {
  kind: 'batch',
  store: unknownContent,
  manifest: unknownContent,
  sha256: unknownContent,
  files: 0,
  filesSkipped: 0,
  bytes: 0,
  rows: null,
} as unknown as BatchRef;

/**
 * Records a load as applied that Loadline did not do, because its rows are in the table. Touches no row.
 *
 * @throws `LoadApplied`, `LoadInProgress`, `TargetNotFound`, `InvalidRequest` without `from` and without an interval, and
 *   whatever extracting the source throws
 */
export async function adoptLoad(deps: ActivityDeps, request: AdoptRequest, by: SignedBy): Promise<LoadReceipt> {
  const load = await resolveLoad(deps, [{ from: nothingKnown, ...request } as LoadRequest], new Date().toISOString());
  refuseUnadoptable(load, request);
  await load.warehouse.prepare();
  const listed = request.from ? await Promise.all(load.targets.map((t) => listSource(deps, t))) : null;
  const batches = listed ? await freezeAll(deps, load, listed) : [{ batch: nothingKnown, manifest: null }];
  const { warehouse, ...rest } = load;
  return warehouse.adopt({
    ...rest,
    protocol: emittedProtocol,
    batches,
    sourceIdentity: listed && load.identity !== 'files' ? loadSourceIdentity(load.targets, listed) : null,
    actor: { workflowId: '', runId: '', activityId: '', scheduledAtMs: 0, attempt: 1, buildId: deps.buildId },
    by,
  });
}

function refuseUnadoptable({ loadKey, identity, targets }: ResolvedLoad, { from }: AdoptRequest): void {
  if (!from && identity !== 'interval')
    throw loadFailure('InvalidRequest', {
      object: loadKey,
      expected: 'an interval, or the files whose rows are in the table',
      got: 'neither',
    });
  const missing = targets.find((t) => t.columns === null);
  if (missing)
    throw loadFailure('TargetNotFound', {
      object: missing.target,
      expected: 'a table that holds the rows to adopt',
      got: 'no such table',
      remedy: 'Load it: there is nothing to adopt.',
    });
}

function freezeAll(deps: ActivityDeps, load: ResolvedLoad, listed: readonly ListedSource[]): Promise<AdoptedBatch[]> {
  return Promise.all(load.targets.map((target, i) => freeze(deps, load, target, listed[i]!)));
}

/** The source as a load of it would find it. @throws `LoadApplied` when all files are loaded already */
async function freeze(
  deps: ActivityDeps,
  { warehouse, identity, loadKey }: ResolvedLoad,
  target: OpenTarget,
  listed: ListedSource,
): Promise<AdoptedBatch> {
  const { source } = target;
  if (source.kind === 'batch')
    return { batch: source, manifest: await readManifest(deps.stateDir, source, deps.batchStore) };
  const skip = async (files: readonly ManifestFile[]): Promise<ReadonlySet<string>> => {
    const ids = files.map((f) => f.fileId);
    return new Set((await warehouse.filesLoaded(target.target, ids)).keys());
  };
  const { manifest, batch } = await writeManifest({
    store: named(deps.stores, source.store, 'UnknownStore'),
    source,
    files: listed.files,
    identity: source.identity ?? 'content',
    stateDir: deps.stateDir,
    batchStore: deps.batchStore ?? null,
    signal: new AbortController().signal,
    dropEqualFiles: identity === 'files' && source.identity !== 'path',
    sourceIdentity: listed.identity,
    ...(identity === 'files' && { skip }),
  });
  if (!manifest.files.length) throw loadFailure('LoadApplied', { object: loadKey, loadKey, got: 'all of these files' });
  checkColumns(manifest, target);
  return { batch: batch as BatchRef, manifest };
}
