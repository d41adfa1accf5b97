import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { validateContract } from '../../../activities/contracts';
import type { ActivityDeps } from '../../../activities/deps';
import { resolveLoad } from '../../../activities/loads';
import { writeManifest } from '../../../activities/sources';
import type { Manifest } from '../../../activities/sources/manifest';
import { openLocalFiles } from '../../../activities/stores/local-files';
import type { Store } from '../../../activities/stores/store';
import type { AuditAsked } from '../../../activities/warehouses/verdict-policy';
import type { Actor, PublishStage, StepContext, Warehouse } from '../../../activities/warehouses/warehouse';
import type {
  AuditedStage,
  BatchRef,
  FilesSource,
  LoadReceipt,
  LoadRequest,
  OpenLoad,
  OpenLoadFields,
  StageRef,
} from '../../../workflows/contract';
import type { ColumnContract, TableContract } from '../../../workflows/table-contract';
import type { OpenPlace, Place } from './place';

/** A request with what a test leaves out: pipeline, contract, source. */
export type Asked = Partial<LoadRequest> & { readonly mode: LoadRequest['mode']; readonly files: string };

/** A load that is staged and audited, in the hands of one attempt. */
export interface ReadyLoad {
  readonly warehouse: Warehouse;
  readonly open: OpenLoad;
  readonly stages: readonly PublishStage[];
  publish(): Promise<LoadReceipt>;
}

/** A warehouse driven by hand: no Temporal, no activity. */
export interface Bench extends Place {
  /** Contracts by name; `t` is there. */
  readonly contracts: Map<string, TableContract>;
  readonly folder: string;
  readonly store: Store;
  /** Changes the contract `t`, or adds another; a column that is `null` is left out. */
  contract(more: Partial<TableContract> & { columns?: Record<string, ColumnContract> }, name?: string): void;
  /** Writes `<name>.csv` with the columns `id,v,at`. */
  file(name: string, ...rows: readonly string[]): string;
  claim(
    warehouse: Warehouse,
    asked: readonly Asked[],
    actor?: Partial<Actor>,
  ): Promise<{ open: OpenLoad } | { receipt: LoadReceipt }>;
  open(warehouse: Warehouse, asked: Asked | readonly Asked[], actor?: Partial<Actor>): Promise<OpenLoad>;
  extract(open: OpenLoad, index?: number): Promise<{ batch: BatchRef; manifest: Manifest }>;
  stage(
    warehouse: Warehouse,
    open: OpenLoad,
    actor?: Partial<Actor>,
    index?: number,
  ): Promise<{ ref: StageRef; manifest: Manifest }>;
  /** From claim to audit. */
  ready(
    warehouse: Warehouse,
    asked: Asked | readonly Asked[],
    actor?: Partial<Actor>,
    audit?: AuditAsked,
  ): Promise<ReadyLoad>;
  /** A whole load. */
  load(warehouse: Warehouse, asked: Asked | readonly Asked[], actor?: Partial<Actor>): Promise<LoadReceipt>;
  /** The table's rows as `id:v`, in order. */
  table(name?: string): Promise<string>;
}

export const day = (n: number): { start: string; end: string } => ({
  start: `2026-03-${String(n).padStart(2, '0')}T00:00:00.000Z`,
  end: `2026-03-${String(n + 1).padStart(2, '0')}T00:00:00.000Z`,
});

export function actorOf(actor: Partial<Actor> = {}): Actor {
  return { workflowId: 'w1', runId: 'r1', activityId: '1', scheduledAtMs: 1, attempt: 1, buildId: 'test', ...actor };
}

export function contextOf(actor: Partial<Actor> = {}, signal = new AbortController().signal): StepContext {
  return { actor: actorOf(actor), signal, progress: () => undefined };
}

/** A failure with this code. */
export const failure = (type: string): Error => expect.objectContaining({ type }) as Error;

const listOf = (asked: Asked | readonly Asked[]): readonly Asked[] => ('mode' in asked ? [asked] : asked);

export async function openBench(openPlace: OpenPlace, name: string): Promise<Bench> {
  const place = await openPlace(name);
  const folder = mkdtempSync(join(tmpdir(), 'loadline-warehouse-'));
  mkdirSync(join(folder, 'raw'));
  const store = openLocalFiles('raw', join(folder, 'raw'));
  const stateDir = join(folder, 'state');
  const contracts = new Map<string, TableContract>();
  const signal = new AbortController().signal;

  const bench: Bench = {
    ...place,
    contracts,
    folder,
    store,
    contract(more, as = 't') {
      const base = {
        name: as,
        table: `main/${place.schema}.${as}`,
        columns: { id: { type: 'bigint' }, v: { type: 'text' }, at: { type: 'timestamptz' } },
        key: ['id'],
        create: 'if-missing',
      };
      contracts.set(as, validateContract({ ...base, ...more }, 'the test'));
    },
    file(path, ...rows) {
      const lines = rows.map((r) => (r.split(',').length === 3 ? r : `${r},2026-01-01T00:00:00Z`));
      writeFileSync(join(folder, 'raw', `${path}.csv`), ['id,v,at', ...lines, ''].join('\n'));
      return `${path}.csv`;
    },
    async claim(warehouse, asked, actor) {
      await warehouse.prepare();
      const deps: ActivityDeps = {
        warehouses: new Map([['main', warehouse]]),
        stores: new Map([['raw', store]]),
        contracts,
        stateDir,
        buildId: 'test',
        versioned: false,
        searchAttributes: async () => false,
      };
      const requests = asked.map(({ files, ...rest }) => {
        const from: FilesSource = { kind: 'files', store: 'raw', glob: files };
        return { pipeline: 'p', into: 't', from, ...rest } as LoadRequest;
      });
      const load = await resolveLoad(deps, requests, '2026-03-01T00:00:00.000Z');
      const { loadKey, pipeline, identity, onChanged, targets } = load;
      const claimed = await warehouse.claim({
        loadKey,
        pipeline,
        targets: targets.map((t) => t.target),
        identity,
        sourceIdentity: null,
        onChanged,
        actor: actorOf(actor),
      });
      if ('receipt' in claimed) return claimed;
      const interval = load.interval && { interval: load.interval };
      const open: OpenLoadFields = {
        protocol: 1,
        loadKey,
        pipeline,
        identity,
        onChanged,
        targets,
        ...claimed,
        ...interval,
      };
      return { open: open as OpenLoad };
    },
    async open(warehouse, asked, actor) {
      const claimed = await bench.claim(warehouse, listOf(asked), actor);
      if ('receipt' in claimed) throw new Error('the load is applied already');
      return claimed.open;
    },
    async extract(open, index = 0) {
      const source = open.targets[index]!.source as FilesSource;
      const files = await store.list(source.glob);
      const identity = source.identity ?? 'content';
      const { batch, manifest } = await writeManifest({
        store,
        source,
        files,
        identity,
        stateDir,
        signal,
        dropEqualFiles: open.identity === 'files',
      });
      return { batch: batch as BatchRef, manifest };
    },
    async stage(warehouse, open, actor, index = 0) {
      const { batch, manifest } = await bench.extract(open, index);
      const staged = await warehouse.stage(open, index, { store, manifest }, contextOf(actor));
      return { ref: { index, ...staged, batch } as StageRef, manifest };
    },
    async ready(warehouse, asked, actor, audit) {
      const open = await bench.open(warehouse, asked, actor);
      const stages: PublishStage[] = [];
      for (const index of open.targets.keys()) {
        const { ref, manifest } = await bench.stage(warehouse, open, actor, index);
        const audited: AuditedStage = await warehouse.audit(open, ref, contextOf(actor), audit);
        stages.push({ audited, manifest });
      }
      return { warehouse, open, stages, publish: () => warehouse.publish(open, stages, contextOf(actor)) };
    },
    load: async (warehouse, asked, actor) => (await bench.ready(warehouse, asked, actor)).publish(),
    async table(of = 't') {
      const rows = await place.rows<{ id: unknown; v: unknown }>(
        `SELECT "id", "v" FROM ${place.relation(of)} ORDER BY 1, 2`,
      );
      return rows.map((r) => `${String(r.id)}:${String(r.v)}`).join(' ');
    },
    async close() {
      await place.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
  bench.contract({});
  return bench;
}
