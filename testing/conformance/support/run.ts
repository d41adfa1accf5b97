import { MockActivityEnvironment } from '@temporalio/testing';
import { audit } from '../../../activities/audit';
import { extract } from '../../../activities/extract';
import { hold, reject } from '../../../activities/hold';
import { openLoad } from '../../../activities/open-load';
import { publish } from '../../../activities/publish';
import { discard, settle } from '../../../activities/settle';
import { stage } from '../../../activities/stage';
import type { ActivityDeps } from '../../../activities/deps';
import type { Warehouse } from '../../../activities/warehouses/warehouse';
import type {
  AuditedStage,
  BatchRef,
  GivenVerdict,
  HeldLoad,
  LoadReceipt,
  LoadRequest,
  OpenLoad,
  OpenLoadResult,
  StageRef,
} from '../../../workflows/contract';
import { contentOf } from '../../../workflows/target-order';
import type { Ground } from './ground';

/** Whose run it is, and on which warehouse it works. */
export interface RunOptions {
  readonly workflowId?: string;
  readonly runId?: string;
  /** Of every step. @default 1 */
  readonly attempt?: number;
  /** @default the one that all runs share */
  readonly warehouse?: Warehouse;
}

/** A load that is staged and audited. */
export interface ReadyLoad {
  readonly open: OpenLoad;
  readonly batches: readonly BatchRef[];
  readonly stages: readonly AuditedStage[];
}

const nothing = (): void => undefined;
const silent = { log: nothing, trace: nothing, debug: nothing, info: nothing, warn: nothing, error: nothing };

/** A run of a workflow: the activities as a worker has them, called one by one, without a Temporal server. */
export class Run {
  readonly workflowId: string;
  readonly runId: string;
  readonly #deps: ActivityDeps;
  #activities = 0;

  constructor(
    private readonly ground: Ground,
    readonly warehouse: Warehouse,
    private readonly options: RunOptions,
  ) {
    this.workflowId = options.workflowId!;
    this.runId = options.runId!;
    this.#deps = ground.deps(warehouse);
  }

  /** Claims the load key, or answers with the receipt of what is loaded. */
  openOrReceipt(requests: readonly LoadRequest[]): Promise<OpenLoadResult> {
    return this.#step((deps) => openLoad(deps, { requests, nominalTime: '2026-01-01T00:00:00.000Z' }));
  }

  async open(...requests: readonly LoadRequest[]): Promise<OpenLoad> {
    const result = await this.openOrReceipt(requests);
    if ('receipt' in result) throw new Error(`The load was opened before: ${result.receipt.outcome}`);
    return result.open;
  }

  extract(open: OpenLoad, index: number): Promise<{ batch: BatchRef } | { receipt: LoadReceipt }> {
    return this.#step((deps) => extract(deps, { open, index }));
  }

  async batch(open: OpenLoad, index = 0): Promise<BatchRef> {
    const extracted = await this.extract(open, index);
    if ('receipt' in extracted) throw new Error(`There is nothing to load: ${extracted.receipt.outcome}`);
    return extracted.batch;
  }

  stage(open: OpenLoad, batch: BatchRef, index = 0): Promise<StageRef> {
    return this.#step((deps) => stage(deps, { open, index, batch }));
  }

  audit(open: OpenLoad, staged: StageRef, holds = false, verdict?: GivenVerdict): Promise<AuditedStage> {
    return this.#step((deps) => audit(deps, { open, stage: staged, holds, ...(verdict && { verdict }) }));
  }

  publish({ open, stages }: Pick<ReadyLoad, 'open' | 'stages'>, verdict?: GivenVerdict): Promise<LoadReceipt> {
    return this.#step((deps) => publish(deps, { open, stages, ...(verdict && { verdict }) }));
  }

  hold(open: OpenLoad, held: HeldLoad): Promise<void> {
    return this.#step((deps) => hold(deps, { open, held }));
  }

  reject({ open, batches }: ReadyLoad, verdict: GivenVerdict): Promise<LoadReceipt> {
    return this.#step((deps) => reject(deps, { open, batches, verdict }));
  }

  async settle({ open, batches }: Pick<ReadyLoad, 'open' | 'batches'>): Promise<LoadReceipt | null> {
    const sha256 = batches.length === open.targets.length ? contentOf(open.targets, batches) : null;
    return (await this.#step((deps) => settle(deps, { open, sha256 }))).receipt;
  }

  discard(open: OpenLoad): Promise<void> {
    return this.#step((deps) => discard(deps, { open }));
  }

  /** From claim to audit. */
  async ready(...requests: readonly LoadRequest[]): Promise<ReadyLoad> {
    return this.staged(await this.open(...requests));
  }

  /** From an open load to its audit. */
  async staged(open: OpenLoad, holds = false): Promise<ReadyLoad> {
    const batches: BatchRef[] = [];
    for (const index of open.targets.keys()) batches.push(await this.batch(open, index));
    const stages: AuditedStage[] = [];
    for (const [index, batch] of batches.entries())
      stages.push(await this.audit(open, await this.stage(open, batch, index), holds));
    return { open, batches, stages };
  }

  #step<T>(work: (deps: ActivityDeps) => Promise<T>): Promise<T> {
    const { workflowId, runId, options } = this;
    const info = {
      activityId: String(++this.#activities),
      attempt: options.attempt ?? 1,
      scheduledTimestampMs: this.ground.tick(),
      workflowExecution: { workflowId, runId },
    };
    return new MockActivityEnvironment(info, { logger: silent }).run(() => work(this.#deps));
  }
}
