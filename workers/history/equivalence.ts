import { isDeepStrictEqual } from 'node:util';
import type { Replayed } from '../replay/replayer';
import type { ToldCommand, ToldPayload } from '../../workflows/replay-probe';

/** What tells two loads apart: a replay that asks for another one would load everything again. */
const ofKey = ['pipeline', 'into', 'mode', 'interval', 'part'] as const;

type Request = Partial<Readonly<Record<(typeof ofKey)[number], unknown>>> | null | undefined;

/** What must be the same of a command, whatever its payloads. */
function traits({ kind, id, type, durationMs, input }: ToldCommand): unknown {
  const { requests } = (toldValue(input?.[0]) ?? {}) as { readonly requests?: readonly Request[] };
  const keys = requests?.map((request) => ofKey.map((part) => request?.[part] ?? null));
  return [kind, id ?? null, type ?? null, durationMs ?? null, keys ?? null];
}

/** Whether two replays have made the same commands, for the same loads, and neither has gone another way. */
export function isEquivalent(a: Replayed, b: Replayed): boolean {
  return !a.error && !b.error && isDeepStrictEqual(a.told.map(traits), b.told.map(traits));
}

/** The value of a payload that the code has made; `undefined` where it has none. */
export function toldValue(payload: ToldPayload | undefined): unknown {
  const text = payload?.data?.length ? Buffer.from(payload.data).toString() : '';
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
