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
import { alreadyLoaded } from './open-load';
import { runStep } from './run-step';
import { readManifest, writeManifest } from './sources';
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
  const { manifest, batch } = await writeManifest({
    store: named(deps.stores, source.store, 'UnknownStore'),
    source,
    files: listed.files,
    identity: source.identity ?? 'content',
    stateDir: deps.stateDir,
    signal: context.signal,
    dropEqualFiles: open.identity === 'files' && source.identity !== 'path',
    sourceIdentity: listed.identity,
    onProgress: ({ bytes, totalBytes }) => context.progress({ step: 'extract', bytes, totalBytes }),
    ...(open.identity === 'files' && {
      skip: async (files: readonly ManifestFile[]) => {
        const loaded = await warehouse.filesLoaded(
          target.target,
          files.map((f) => f.fileId),
        );
        refuseChangedPaths(files, loaded, source);
        skippedBy = [...loaded.values()].at(-1)?.loadId;
        return new Set(loaded.keys());
      },
    }),
  });
  checkColumns(manifest, target);
  return { batch: batch as BatchRef, manifest, skippedBy };
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
  const manifest = await readManifest(deps.stateDir, batch);
  checkColumns(manifest, target);
  if (open.identity !== 'files') return { batch, manifest };
  const loaded = await warehouse.filesLoaded(
    target.target,
    manifest.files.map((f) => f.fileId),
  );
  const skippedBy = [...loaded.values()].at(-1)?.loadId;
  return skippedBy === undefined
    ? { batch, manifest }
    : { batch: { ...batch, filesSkipped: loaded.size }, manifest: { ...manifest, files: [] }, skippedBy };
}

/** Every file has every column of the contract, and no other unless that was allowed. */
export function checkColumns(manifest: Manifest, { contract }: Pick<OpenTarget, 'contract'>): void {
  const wanted = Object.entries(contract.columns).map(([name, c]) => c.from ?? name);
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
    if (batches.some((b) => b.manifest.files.length > 0 || b.skippedBy === undefined)) {
      refusePartOfSet(open, batches);
      return null;
    }
    const receipt = await warehouse.receipt(batches.at(-1)!.skippedBy!);
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
  const index = batches.findIndex((b, i) => open.targets[i]!.source.kind === 'batch' && b.skippedBy !== undefined);
  if (index < 0) return;
  const { target } = open.targets[index]!;
  throw loadFailure('PublishSetChanged', {
    object: target,
    loadKey: open.loadKey,
    got: 'a batch of the set that is loaded already, beside others that are not',
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
