import type { BatchRef, OpenTarget } from './contract';

/** Values of targets in one order, however the requests of a set were listed. */
export function inTargetOrder<T>(targets: readonly Pick<OpenTarget, 'target'>[], values: readonly T[]): T[] {
  const order = [...targets.keys()].sort((a, b) => (targets[a]!.target < targets[b]!.target ? -1 : 1));
  return order.map((i) => values[i]!);
}

/** One hash for the batches of all targets, given in the order of the targets. */
export function contentOf(
  targets: readonly Pick<OpenTarget, 'target'>[],
  batches: readonly Pick<BatchRef, 'sha256'>[],
): string {
  return inTargetOrder(
    targets,
    batches.map((b) => b.sha256),
  ).join('+');
}
