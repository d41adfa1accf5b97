import { loadFailure } from '../workflows/load-error';
import type {
  BatchRef,
  ExtractInput,
  ExtractResult,
  FilesSource,
  LoadReceipt,
  OpenLoad,
  OpenTarget,
} from '../workflows/contract';
import { nearest } from './contracts';
import { named, type ActivityDeps } from './deps';
import { contentOf, inTargetOrder } from '../workflows/target-order';
import { listSource } from './loads';
import { alreadyLoaded, filesRejected } from './open-load';
import { runStep } from './run-step';
import { readManifest, requireColumnOrder, writeManifest } from './sources';
import type { Manifest, ManifestFile } from './sources/manifest';
import { combinedIdentity } from './sources/source-identity';
import { adoptedAppend, unknownContent } from './warehouses/adopt-policy';
import type { StepContext, Warehouse } from './warehouses/warehouse';

/** See `LoadActivities['loadline.extract']`. */
export function extract(deps: ActivityDeps, { open, index }: ExtractInput): Promise<ExtractResult> {
  const warehouse = named(deps.warehouses, open.targets[0]!.warehouse, 'UnknownWarehouse');
  return runStep(deps.buildId, { warehouse, open }, async (context): Promise<ExtractResult> => {
    // The first extract decides for the whole set whether there is anything to do, so it looks at all of it.
    const indexes = index === 0 ? [...open.targets.keys()] : [index];
    const batches: Extracted[] = [];
    for (const i of indexes) batches.push(await extractTarget(deps, warehouse, open, i, context));
    if (index === 0) {
      const receipt = await appliedAlready(warehouse, open, batches);
      if (receipt) return { receipt };
    }
    return { batch: batches[0]!.batch };
  });
}

interface Extracted {
  readonly batch: BatchRef;
  readonly manifest: Manifest;
  /** The newest load that brought one of the files that were left out. */
  readonly skippedBy?: string | undefined;
}

/** Whether files were left out, and none is left. */
const isNothingNew = ({ batch, manifest, skippedBy }: Extracted): boolean =>
  manifest.files.length === 0 && (skippedBy !== undefined || !!batch.filesRejected);

async function extractTarget(
  deps: ActivityDeps,
  warehouse: Warehouse,
  open: OpenLoad,
  index: number,
  context: StepContext,
): Promise<Extracted> {
  const target = open.targets[index]!;
  const { source } = target;
  if (source.kind === 'batch') return leaveOutLoaded(deps, warehouse, open, target, source);
  const listed = await listSource(deps, target);
  let skippedBy: string | undefined;
  let filesRejected = 0;
  const { manifest, batch } = await writeManifest({
    store: named(deps.stores, source.store, 'UnknownStore'),
    source,
    files: listed.files,
    identity: source.identity ?? 'content',
    stateDir: deps.stateDir,
    batchStore: deps.batchStore ?? null,
    signal: context.signal,
    dropEqualFiles: open.identity === 'files' && source.identity !== 'path',
    sourceIdentity: listed.identity,
    onProgress: ({ bytes, totalBytes }) => context.progress({ step: 'extract', bytes, totalBytes }),
    ...(open.identity === 'files' && {
      skip: async (files: readonly ManifestFile[]) => {
        const { loaded, rejected } = await decidedFiles(warehouse, open, target, files);
        refuseChangedPaths(files, loaded, source);
        skippedBy = [...loaded.values()].at(-1)?.loadId;
        filesRejected = rejected.size;
        return new Set([...loaded.keys(), ...rejected]);
      },
    }),
  });
  checkColumns(manifest, target);
  return { batch: { ...batch, ...(filesRejected && { filesRejected }) } as BatchRef, manifest, skippedBy };
}

/** Files that are loaded already, and files that were rejected, unless those are asked for once more. */
async function decidedFiles(
  warehouse: Warehouse,
  { onChanged }: OpenLoad,
  { target }: OpenTarget,
  files: readonly ManifestFile[],
) {
  const loaded = await warehouse.filesLoaded(
    target,
    files.map((f) => f.fileId),
  );
  const others = files.filter((f) => !loaded.has(f.fileId));
  const isAgain = onChanged === 'reprocess';
  return { loaded, rejected: isAgain ? new Set<string>() : await warehouse.filesRejected(target, others) };
}

/** With `identity: 'path'` a path is loaded once; other content under it is no new file. */
function refuseChangedPaths(
  files: readonly ManifestFile[],
  loaded: ReadonlyMap<string, { sha256: string }>,
  source: FilesSource,
): void {
  if (source.identity !== 'path') return;
  const changed = files.find((f) => loaded.has(f.fileId) && loaded.get(f.fileId)!.sha256 !== f.sha256);
  if (changed) {
    throw loadFailure('BatchChanged', {
      object: `${source.store}:${changed.path}`,
      expected: 'the content that was loaded from this path',
      remedy: "Deliver new content under a new path, or use identity: 'content'.",
    });
  }
}

/** A batch that the pipeline's own activity wrote has one file, loaded or not. */
async function leaveOutLoaded(
  deps: ActivityDeps,
  warehouse: Warehouse,
  open: OpenLoad,
  target: OpenTarget,
  batch: BatchRef,
): Promise<Extracted> {
  const manifest = await readManifest(deps.stateDir, batch, deps.batchStore);
  checkColumns(manifest, target);
  if (open.identity !== 'files') return { batch, manifest };
  const { loaded, rejected } = await decidedFiles(warehouse, open, target, manifest.files);
  const filesSkipped = loaded.size + rejected.size;
  if (filesSkipped === 0) return { batch, manifest };
  return {
    batch: { ...batch, filesSkipped, ...(rejected.size && { filesRejected: rejected.size }) },
    manifest: { ...manifest, files: [] },
    skippedBy: [...loaded.values()].at(-1)?.loadId,
  };
}

/**
 * Every file has every column of the contract, and no other unless that was allowed.
 *
 * @throws `MissingColumn`, `UnknownColumn`, `InvalidRequest` where the order of the columns is not known
 */
export function checkColumns(manifest: Manifest, { contract }: Pick<OpenTarget, 'contract'>): void {
  const wanted = Object.entries(contract.columns).map(([name, c]) => c.from ?? name);
  requireColumnOrder(manifest, contract);
  for (const file of manifest.files) {
    // Text without a header is taken in the contract's order; an empty file has no columns to check.
    if (!file.columns?.length) continue;
    const missing = wanted.filter((name) => !file.columns!.includes(name));
    if (missing.length) {
      const got = `${file.columns.slice(0, 20).join(', ')}${file.columns.length > 20 ? ', …' : ''}`;
      throw loadFailure('MissingColumn', {
        object: `${file.path}: ${missing.join(', ')}`,
        expected: `columns of contract ${contract.name}`,
        got,
        ...didYouMeanColumn(
          missing[0]!,
          file.columns.filter((name) => !wanted.includes(name)),
        ),
      });
    }
    const extra = file.columns.filter((name) => !wanted.includes(name));
    if (extra.length && contract.extraColumns !== 'ignore') {
      throw loadFailure('UnknownColumn', {
        object: `${file.path}: ${extra.slice(0, 20).join(', ')}`,
        expected: `columns of contract ${contract.name}`,
      });
    }
  }
}

/** A remedy for a column that is there under nearly the same name, and unclaimed. */
function didYouMeanColumn(missing: string, unclaimed: readonly string[]): { remedy?: string } {
  const near = nearest(missing, unclaimed);
  if (near === undefined) return {};
  const [wrong, right] = [missing, near].map((name) => JSON.stringify(name));
  return {
    remedy: `The file has ${right}: say from: ${right} in the contract, or name the column ${wrong} at the source.`,
  };
}

/** The receipt if this content is what the load key holds already; refuses other content unless it may take its place. */
async function appliedAlready(
  warehouse: Warehouse,
  open: OpenLoad,
  batches: readonly Extracted[],
): Promise<LoadReceipt | null> {
  const identity = combinedIdentity(
    inTargetOrder(
      open.targets,
      batches.map((b) => b.manifest.sourceIdentity),
    ),
  );
  if (open.identity === 'files') {
    if (!batches.every(isNothingNew)) {
      refusePartOfSet(open, batches);
      return null;
    }
    const skippedBy = batches.flatMap((b) => b.skippedBy ?? []).at(-1);
    if (skippedBy === undefined) throw filesRejected(open.loadKey);
    const receipt = await warehouse.receipt(skippedBy);
    await warehouse.release(open, null);
    return (
      receipt &&
      alreadyLoaded(
        receipt,
        batches.reduce((sum, b) => sum + b.batch.filesSkipped, 0),
      )
    );
  }
  const applied = open.generation > 1 ? await warehouse.applied(open.loadKey) : null;
  if (!applied) return null;
  const sha256 = contentOf(
    open.targets,
    batches.map((b) => b.batch),
  );
  if (applied.batch.sha256 === sha256) {
    await warehouse.release(open, identity);
    return alreadyLoaded(applied, applied.batch.filesSkipped);
  }
  if (open.identity === 'content') return null;
  refuseChanged(open, applied);
  return null;
}

/** Files can be left out of a listing; a written batch is one thing. @throws `PublishSetChanged` */
function refusePartOfSet(open: OpenLoad, batches: readonly Extracted[]): void {
  const index = batches.findIndex((b, i) => open.targets[i]!.source.kind === 'batch' && isNothingNew(b));
  if (index < 0) return;
  const { target } = open.targets[index]!;
  throw loadFailure('PublishSetChanged', {
    object: target,
    loadKey: open.loadKey,
    got: 'a batch of the set that is loaded or rejected already, beside others that are not',
  });
}

/** What was adopted is either other files, or nobody knows what. */
function changedAdoption({ targets }: OpenLoad, { batch }: LoadReceipt): { expected: string; remedy?: string } {
  const append = targets.some((t) => t.mode === 'append');
  return {
    expected:
      batch.sha256 === unknownContent ? 'nothing: it was adopted without its files' : 'the files that were adopted',
    ...(append && { remedy: 'Load the new content under a key of its own.' }),
  };
}

/** @throws `BatchChanged`, `NotReversible` */
function refuseChanged(open: OpenLoad, applied: LoadReceipt): void {
  const facts = { object: open.loadKey, loadKey: open.loadKey };
  if (open.onChanged !== 'reprocess') {
    throw loadFailure('BatchChanged', {
      ...facts,
      expected: `content of generation ${applied.generation}`,
      got: 'other content',
      ...(applied.adopted && changedAdoption(open, applied)),
    });
  }
  const doubled = applied.adopted && open.targets.find((t) => t.mode === 'append');
  if (doubled) throw adoptedAppend(open.loadKey, doubled.target);
  const stuck = open.targets.find((t) => !t.reversible);
  if (stuck) throw loadFailure('NotReversible', { ...facts, got: `${stuck.mode} into ${stuck.target}` });
}
