import { decode } from '@temporalio/common/lib/internal-non-workflow';
import type { LoadedDataConverter, Payload } from '@temporalio/common';
import { compareLoad } from './compare-load';
import type { ToldCommand, ToldPayload } from '../../workflows/replay-probe';
import type { OpenLoadInput } from '../../workflows/contract';
import type { History } from './history';
import type { Divergence } from './verdict';

/** What a history says of the commands that the SDK does not compare, by their ids. */
interface Recorded {
  readonly loads: ReadonlyMap<string, { readonly eventId: number; readonly input: readonly Payload[] }>;
  readonly timers: ReadonlyMap<string, { readonly eventId: number; readonly durationMs: number }>;
}

function recordedIn({ events }: History): Recorded {
  const loads = new Map<string, { eventId: number; input: readonly Payload[] }>();
  const timers = new Map<string, { eventId: number; durationMs: number }>();
  for (const {
    eventId,
    activityTaskScheduledEventAttributes: activity,
    timerStartedEventAttributes: timer,
  } of events ?? []) {
    if (activity?.activityType?.name === 'loadline.openLoad')
      loads.set(activity.activityId ?? '', { eventId: Number(eventId), input: activity.input?.payloads ?? [] });
    if (timer)
      timers.set(timer.timerId ?? '', { eventId: Number(eventId), durationMs: millis(timer.startToFireTimeout) });
  }
  return { loads, timers };
}

const millis = (duration: { seconds?: unknown; nanos?: number | null } | null | undefined): number =>
  Number(duration?.seconds ?? 0) * 1000 + (duration?.nanos ?? 0) / 1e6;

/** What the commands ask for otherwise than the history says, in the order of its events. */
export async function compareTold(
  history: History,
  told: readonly ToldCommand[],
  converter: LoadedDataConverter,
): Promise<Divergence[]> {
  if (told.length === 0) return [];
  const { loads, timers } = recordedIn(history);
  const found: Divergence[] = [];
  for (const { kind, id = '', type, input, durationMs } of told) {
    const timer = kind === 'startTimer' ? timers.get(id) : undefined;
    if (timer && durationMs !== undefined && Math.abs(durationMs - timer.durationMs) >= 1)
      found.push(timerChanged(timer.eventId, timer.durationMs, durationMs));
    const load = type === 'loadline.openLoad' && input ? loads.get(id) : undefined;
    if (load && input) found.push(...(await comparePayloads(load, input, converter)));
  }
  return found.sort((a, b) => (a.eventId ?? 0) - (b.eventId ?? 0));
}

async function comparePayloads(
  { eventId, input }: { readonly eventId: number; readonly input: readonly Payload[] },
  told: readonly ToldPayload[],
  converter: LoadedDataConverter,
): Promise<Divergence[]> {
  const decoded = await decode(converter.payloadCodecs, [...input]);
  if (decoded.length === told.length && decoded.every((payload, index) => sameBytes(payload.data, told[index]!.data)))
    return [];
  const valueOf = (payload: Payload | undefined): OpenLoadInput =>
    // Values of the sandbox's realm, and what JSON leaves out, compare as JSON.
    JSON.parse(JSON.stringify(payload ? converter.payloadConverter.fromPayload(payload) : {})) as OpenLoadInput;
  return compareLoad({ eventId, history: valueOf(decoded[0]), code: valueOf(told[0] as Payload | undefined) });
}

const sameBytes = (a: Uint8Array | null | undefined, b: Uint8Array | null | undefined): boolean =>
  a && b ? Buffer.compare(a, b) === 0 : a === b;

function timerChanged(eventId: number, before: number, after: number): Divergence {
  const [expected, got] = [`a timer of ${seconds(before)}`, `one of ${seconds(after)}`];
  return {
    code: 'TimerChanged',
    eventId,
    expected,
    got,
    message: `History has ${expected} (event ${eventId}), the code ${got}. A timer that runs keeps its time; later ones take the new one.`,
  };
}

/** `90 s`, `1.5 h`. */
function seconds(ms: number): string {
  const units = [['d', 86_400_000], ['h', 3_600_000], ['min', 60_000], ['s', 1000]] as const; // prettier-ignore
  const [unit, size] = units.find(([, size]) => ms >= size && Number.isInteger((ms / size) * 100)) ?? ['ms', 1];
  return `${ms / size} ${unit}`;
}
