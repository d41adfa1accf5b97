import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import { validateContract } from '../../../../activities/contracts';
import type { ActivityDeps } from '../../../../activities/deps';
import { resolveLoad, type ResolvedLoad } from '../../../../activities/loads';
import { writeManifest } from '../../../../activities/sources';
import type { Manifest } from '../../../../activities/sources/manifest';
import { openLocalFiles } from '../../../../activities/stores/local-files';
import type { Store } from '../../../../activities/stores/store';
import { openPostgres } from '../../../../activities/warehouses/postgres';
import { postgresDefaults, type ResolvedPostgresConfig } from '../../../../activities/warehouses/postgres/config';
import type { Actor, PublishStage, StepContext, Warehouse } from '../../../../activities/warehouses/warehouse';
import type {
  AuditedStage,
  BatchRef,
  FilesSource,
  LoadReceipt,
  LoadRequest,
  OpenLoad,
  OpenLoadFields,
  StageRef,
} from '../../../../workflows/contract';
import type { TableContract } from '../../../../workflows/table-contract';
import { createDatabase } from '../../../services/services';

/** A request with what a test leaves out: pipeline, contract, source. */
export type Asked = Partial<LoadRequest> & { readonly mode: LoadRequest['mode']; readonly files: string };

/** A load that is staged and audited, in the hands of one attempt. */
export interface ReadyLoad {
  readonly warehouse: Warehouse;
  readonly open: OpenLoad;
  readonly stages: readonly PublishStage[];
  readonly actor: Actor;
  publish(): Promise<LoadReceipt>;
}

/** A database and the warehouse port over it, driven by hand: no Temporal, no activity. */
export interface Bench {
  readonly url: string;
  /** A warehouse with sessions of its own, as another process has. */
  warehouse(tune?: Partial<ResolvedPostgresConfig>): Warehouse;
  /** The contract of the one table, `main/public.t`. */
  contract: TableContract;
  /** Writes `<name>.csv` with the columns `id,v,at`. */
  file(name: string, ...rows: readonly string[]): string;
  resolve(warehouse: Warehouse, asked: Asked): Promise<ResolvedLoad>;
  /** What activities would work with. */
  deps(warehouse: Warehouse): ActivityDeps;
  claim(
    warehouse: Warehouse,
    asked: Asked,
    actor?: Partial<Actor>,
  ): Promise<{ open: OpenLoad } | { receipt: LoadReceipt }>;
  open(warehouse: Warehouse, asked: Asked, actor?: Partial<Actor>): Promise<OpenLoad>;
  extract(open: OpenLoad, store?: Store): Promise<{ batch: BatchRef; manifest: Manifest; store: Store }>;
  stage(warehouse: Warehouse, open: OpenLoad, actor?: Partial<Actor>, store?: Store): Promise<StageRef>;
  /** Also one that was audited before. */
  audit(warehouse: Warehouse, open: OpenLoad, stage: StageRef | AuditedStage): Promise<AuditedStage>;
  /** From claim to audit. */
  ready(warehouse: Warehouse, asked: Asked, actor?: Partial<Actor>): Promise<ReadyLoad>;
  rows<R = Record<string, unknown>>(sql: string, values?: readonly unknown[]): Promise<R[]>;
  /** The table's rows as `id:v`, in order. */
  table(): Promise<string>;
  /** Waits until a session waits for another's lock in a statement of this tag, or until `otherwise` is over. */
  waiting(tag: string, otherwise: Promise<unknown>): Promise<'waiting' | 'not waiting'>;
  store: Store;
  stop(): Promise<void>;
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

export const baseContract = {
  name: 't',
  table: 'main/public.t',
  columns: { id: { type: 'bigint' }, v: { type: 'text' }, at: { type: 'timestamptz' } },
  key: ['id'],
  create: 'if-missing',
} as const;

export async function openBench(name: string): Promise<Bench> {
  const url = await createDatabase(name);
  const folder = mkdtempSync(join(tmpdir(), 'loadline-protocol-'));
  mkdirSync(join(folder, 'raw'));
  const store = openLocalFiles('raw', join(folder, 'raw'));
  const stateDir = join(folder, 'state');
  const opened: Warehouse[] = [];
  const db = new Client({ connectionString: url });
  db.on('error', () => undefined);
  await db.connect();

  const bench: Bench = {
    url,
    contract: validateContract(baseContract, 'the test'),
    store,
    warehouse(tune = {}) {
      const warehouse = openPostgres('main', { ...postgresDefaults, kind: 'postgres', url, ...tune });
      opened.push(warehouse);
      return warehouse;
    },
    file(path, ...rows) {
      writeFileSync(
        join(folder, 'raw', `${path}.csv`),
        ['id,v,at', ...rows.map((r) => (r.split(',').length === 3 ? r : `${r},2026-01-01T00:00:00Z`)), ''].join('\n'),
      );
      return `${path}.csv`;
    },
    resolve(warehouse, { files, ...asked }) {
      const from: FilesSource = { kind: 'files', store: 'raw', glob: files };
      const request = { pipeline: 'p', into: 't', from, ...asked } as LoadRequest;
      return resolveLoad(bench.deps(warehouse), [request], '2026-03-01T00:00:00.000Z');
    },
    deps: (warehouse) => ({
      warehouses: new Map([['main', warehouse]]),
      stores: new Map([['raw', store]]),
      contracts: new Map([['t', bench.contract]]),
      stateDir,
      buildId: 'test',
      versioned: false,
      searchAttributes: async () => false,
    }),
    async claim(warehouse, asked, actor) {
      await warehouse.prepare();
      const load = await bench.resolve(warehouse, asked);
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
      const open: OpenLoadFields = {
        protocol: 1,
        loadKey,
        pipeline,
        identity,
        onChanged,
        targets,
        ...claimed,
        ...(load.interval && { interval: load.interval }),
      };
      return { open: open as OpenLoad };
    },
    async open(warehouse, asked, actor) {
      const claimed = await bench.claim(warehouse, asked, actor);
      if ('receipt' in claimed) throw new Error('the load is applied already');
      return claimed.open;
    },
    async extract(open, from = store) {
      const source = open.targets[0]!.source as FilesSource;
      const { batch, manifest } = await writeManifest({
        store: from,
        source,
        files: await from.list(source.glob),
        identity: source.identity ?? 'content',
        stateDir,
        signal: new AbortController().signal,
        dropEqualFiles: open.identity === 'files',
      });
      return { batch: batch as BatchRef, manifest, store: from };
    },
    async stage(warehouse, open, actor, from) {
      const { batch, manifest, store: of } = await bench.extract(open, from);
      const staged = await warehouse.stage(open, 0, { store: of, manifest }, contextOf(actor));
      return { index: 0, ...staged, batch } as StageRef;
    },
    audit: (warehouse, open, stage) => warehouse.audit(open, stage as StageRef, contextOf()),
    async ready(warehouse, asked, actor) {
      const open = await bench.open(warehouse, asked, actor);
      const { manifest } = await bench.extract(open);
      const audited = await bench.audit(warehouse, open, await bench.stage(warehouse, open, actor));
      const stages = [{ audited, manifest }];
      return {
        warehouse,
        open,
        stages,
        actor: actorOf(actor),
        publish: () => warehouse.publish(open, stages, contextOf(actor)),
      };
    },
    rows: async <R>(sql: string, values: readonly unknown[] = []) => (await db.query(sql, [...values])).rows as R[],
    async table() {
      const rows = await bench.rows<{ id: string; v: string }>('SELECT id, v FROM public.t ORDER BY 1, 2');
      return rows.map((r) => `${r.id}:${r.v}`).join(' ');
    },
    async waiting(tag, otherwise) {
      let over = false;
      const end = (): void => void (over = true);
      otherwise.then(end, end);
      for (;;) {
        const found = await bench.rows(
          `SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock' AND query LIKE '/* loadline:' || $1 || ' */%'`,
          [tag],
        );
        if (found.length) return 'waiting';
        if (over) return 'not waiting';
        await new Promise((done) => setTimeout(done, 10));
      }
    },
    async stop() {
      // Also what a failed test has left waiting: a session in COPY would hold up DROP DATABASE in the whole server.
      await bench.rows(
        'SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()',
      );
      await Promise.allSettled(opened.map((w) => w.close()));
      await db.end();
      rmSync(folder, { recursive: true, force: true });
    },
  };
  return bench;
}

/** A failure with this code. */
export const failure = (type: string): Error => expect.objectContaining({ type }) as Error;
