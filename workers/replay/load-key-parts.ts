import { identityOf } from '../../workflows/load-key';
import type { LoadRequest, OpenLoadInput } from '../../workflows/contract';
import type { ChangedPart } from './verdict';

/** What makes the load key of an `openLoad`, part by part, as text. A part that is absent is the empty text. */
type Parts = Readonly<Record<string, { readonly exact: string; readonly kind: string }>>;

/** The parts of the load key that two inputs of `openLoad` differ in. */
export function changedParts(history: OpenLoadInput, code: OpenLoadInput): readonly ChangedPart[] {
  const [from, to] = [partsOf(history), partsOf(code)];
  return Object.keys(from).flatMap((part) => {
    const [before, after] = [from[part]!, to[part]!];
    if (before.exact === after.exact) return [];
    const kind = part === 'interval' ? intervalKinds(history, code) : { from: before.kind, to: after.kind };
    return [{ part, from: before.exact, to: after.exact, kind }];
  });
}

/** Names that belong to the key; what else a request says is told by name alone. */
export const keyFields: readonly string[] = ['pipeline', 'into', 'interval', 'part', 'partitions'];

function partsOf({ requests, nominalTime }: OpenLoadInput): Parts {
  const list = Array.isArray(requests) ? requests.map(asRequest) : [];
  const first = list[0] ?? asRequest(undefined);
  const { interval } = first;
  const exact = (text: unknown) => ({ exact: written(text), kind: written(text) });
  const partitions = interval === undefined && 'partitions' in first ? first.partitions : undefined;
  return {
    pipeline: exact(first.pipeline),
    // A load key names its tables in order, whatever order they were asked for in.
    into: exact(
      list
        .map(({ into }) => written(into))
        .sort()
        .join(' + '),
    ),
    identity: exact(identityOf(first)),
    interval: exact(intervalText(interval)),
    // Only what is floored by it depends on it.
    nominalTime: isNominal(interval) ? { exact: written(nominalTime), kind: '*' } : exact(undefined),
    partitions: exact(
      Array.isArray(partitions) ? [...new Set(partitions.map(instantText))].sort().join(' + ') : undefined,
    ),
    part: exact(first.part),
  };
}

/** As JSON from a person it may be anything. */
const asRequest = (value: unknown): LoadRequest =>
  (typeof value === 'object' && value !== null ? value : {}) as LoadRequest;

const written = (value: unknown): string =>
  value === undefined || value === null ? '' : typeof value === 'string' ? value : JSON.stringify(value);

type Written = LoadRequest['interval'];
const isNominal = (interval: Written): boolean =>
  typeof interval === 'object' && interval !== null && 'grain' in interval;

function intervalText(interval: Written): string {
  if (typeof interval !== 'object' || interval === null) return written(interval);
  if ('grain' in interval) {
    const { grain, zone = 'UTC', back = 0 } = interval;
    return `${written(grain)} in ${written(zone)}${back === 0 ? '' : `, ${written(back)} back`}`;
  }
  return `${instantText(interval.start)}..${instantText(interval.end)}`;
}

/** One spelling of each instant, as in load keys. */
function instantText(instant: unknown): string {
  const at = typeof instant === 'string' ? Date.parse(instant) : Number.NaN;
  return Number.isNaN(at) ? written(instant) : new Date(at).toISOString().replace('T00:00:00.000Z', '');
}

/** How an interval changed, whatever day the run was about: `24h` to `24h, 3h later`. */
function intervalKinds(history: OpenLoadInput, code: OpenLoadInput): ChangedPart['kind'] {
  const [from, to] = [history, code].map(({ requests }) => asRequest(requests?.[0]).interval);
  const [before, after] = [from, to].map(boundsOf);
  if (!before || !after) return { from: intervalKind(from), to: intervalKind(to) };
  const later = after.start - before.start;
  const moved = later === 0 ? '' : `, ${hours(Math.abs(later))} ${later > 0 ? 'later' : 'earlier'}`;
  return { from: hours(before.end - before.start), to: `${hours(after.end - after.start)}${moved}` };
}

/** How an interval is told, and how long it is. */
export function intervalKind(written: unknown): string {
  const interval = written as Written;
  const bounds = boundsOf(interval);
  return bounds ? `exact, ${hours(bounds.end - bounds.start)}` : intervalText(interval);
}

function boundsOf(interval: Written): { start: number; end: number } | undefined {
  if (typeof interval !== 'object' || interval === null || 'grain' in interval) return undefined;
  const bounds = { start: Date.parse(interval.start), end: Date.parse(interval.end) };
  return Number.isNaN(bounds.end - bounds.start) ? undefined : bounds;
}

const hours = (ms: number): string => `${Math.round(ms / 36_000) / 100}h`;
