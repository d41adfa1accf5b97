import type { LoadRequest } from './load-request';
import type { LoadReceipt } from './receipt';

/** What a deploy has a new build do. Without a workflow or a load: the built-in fixture. */
export interface CanaryInput {
  /** Nothing but to show that somebody takes the task. */
  readonly probe?: boolean;
  readonly workflow?: string;
  readonly input?: unknown;
  readonly load?: LoadRequest;
}

/** A scratch table after a run. */
export interface CanaryTable {
  readonly table: string;
  readonly rows: number;
  /** Of all rows, in any order. */
  readonly sha256: string;
}

/** What became of a load of the canary. */
export type CanaryLoad = Pick<LoadReceipt, 'loadKey' | 'outcome' | 'buildId'>;

/** One of the two runs. */
export interface CanaryRun {
  readonly workflowId: string;
  readonly runId: string;
  readonly loads: readonly CanaryLoad[];
  /** All scratch tables, after the run. */
  readonly tables: readonly CanaryTable[];
}

/** What the canary saw; whether that is good is for the deploy to say. */
export interface CanaryResult {
  readonly runs: readonly CanaryRun[];
}

/** Input of `loadline.writeCanary`, `loadline.inspectCanary` and `loadline.removeCanary`: which canary, its run tells. */
export type CanaryStepInput = Readonly<Record<string, never>>;

/** Result of `loadline.writeCanary`. */
export interface WriteCanaryResult {
  readonly loads: readonly LoadRequest[];
}

/** Result of `loadline.inspectCanary`. */
export interface InspectCanaryResult {
  readonly tables: readonly CanaryTable[];
}

/** Workflow ids that begin so are canaries, with everything that they start: their loads reach scratch tables only. */
export const canaryPrefix = 'loadline-canary/';

/** The workflow id of the canary of a build: one at a time. */
export const canaryIdOf = (deployment: string, buildId: string): string =>
  `${canaryPrefix}${encodeURIComponent(deployment)}/${encodeURIComponent(buildId)}`;

/** Which canary a workflow belongs to: the id of its first workflow, or `null`. */
export function canaryOf(workflowId: string): string | null {
  if (!workflowId.startsWith(canaryPrefix)) return null;
  return workflowId.split('/').slice(0, 3).join('/');
}

/** The receipts in what a workflow has returned, however it has put them together. */
export function receiptsIn(value: unknown, depth = 0): CanaryLoad[] {
  if (typeof value !== 'object' || value === null || depth > 6) return [];
  const { loadKey, outcome, buildId, loadId } = value as Partial<LoadReceipt>;
  if (loadKey !== undefined && loadId !== undefined && outcome !== undefined && buildId !== undefined)
    return [{ loadKey, outcome, buildId }];
  return Object.values(value).flatMap((inner) => receiptsIn(inner, depth + 1));
}
