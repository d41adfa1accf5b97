import { loadDataConverter } from '@temporalio/common/lib/internal-non-workflow';
import type { DataConverter } from '@temporalio/common';
import { shapeOf } from './shape';
import type { NamedHistory } from './history';

/** Options of {@link sampleHistories}. */
export interface SampleOptions {
  /** How many histories of each shape are kept, the newest. @default 3 */
  readonly perShape?: number;
  /** How payloads are read, where the workers use codecs or a converter of their own. */
  readonly dataConverter?: DataConverter;
}

/** Some histories, for all that were seen. */
export interface HistorySample {
  readonly histories: readonly NamedHistory[];
  readonly seen: number;
  readonly shapes: number;
  /** How many were seen of each workflow type. */
  readonly types: ReadonlyMap<string, number>;
}

/**
 * Takes the newest histories of each shape: those that differ in nothing that workflow code can see but values replay alike.
 * Keeps no other in memory.
 */
export async function sampleHistories(
  histories: Iterable<NamedHistory> | AsyncIterable<NamedHistory>,
  { perShape = 3, dataConverter }: SampleOptions = {},
): Promise<HistorySample> {
  const converter = loadDataConverter(dataConverter);
  const shapes = new Map<string, { readonly at: number; readonly history: NamedHistory }[]>();
  const types = new Map<string, number>();
  let seen = 0;
  for await (const history of histories) {
    seen++;
    types.set(history.workflowType, (types.get(history.workflowType) ?? 0) + 1);
    const shape = await shapeOf(history, converter);
    const kept = shapes.get(shape) ?? [];
    kept.push({ at: startedAt(history), history });
    kept.sort((a, b) => b.at - a.at).splice(perShape);
    shapes.set(shape, kept);
  }
  const kept = [...shapes.values()].flat();
  return { histories: kept.map(({ history }) => history), seen, shapes: shapes.size, types };
}

function startedAt({ history }: NamedHistory): number {
  const { seconds, nanos } = history.events?.[0]?.eventTime ?? {};
  return Number(seconds ?? 0) + (nanos ?? 0) / 1e9;
}
