import { intervalKind } from './load-key-parts';
import type { OpenLoadInput } from '../../workflows/contract';

/**
 * How a load is asked for, apart from the run: pipeline, tables, how the interval is told and how long it is, and which options
 * are given. Not the interval's bounds, files, partitions and parts.
 */
export function loadStructure({ requests }: OpenLoadInput): unknown {
  if (!Array.isArray(requests)) return typeof requests;
  return requests.map((request: unknown) => {
    if (typeof request !== 'object' || request === null) return request;
    const { pipeline, into, mode, interval, from, onChanged, partitions, part } = request as Readonly<
      Record<string, unknown>
    >;
    const options = Object.keys(request).sort();
    return [
      pipeline,
      into,
      mode,
      intervalKind(interval),
      outlineOfSource(from),
      onChanged,
      partitions !== undefined,
      part !== undefined,
      options,
    ];
  });
}

function outlineOfSource(from: unknown): unknown {
  if (typeof from !== 'object' || from === null) return typeof from;
  const { kind, store, format, identity } = from as Readonly<Record<string, unknown>>;
  return [kind, store, format, identity, Object.keys(from).sort()];
}
