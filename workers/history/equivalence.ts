import { isDeepStrictEqual } from 'node:util';
import type { MadeCommand } from './made-command';
import type { Replayed } from './replay-session';

/** What tells two loads apart: a replay that asks for another one would load everything again. */
const ofKey = ['pipeline', 'into', 'mode', 'interval', 'part'] as const;

type Request = Partial<Readonly<Record<(typeof ofKey)[number], unknown>>> | null | undefined;

/** What must be the same of a command, whatever its payloads. */
function traits({ kind, type, id, args }: MadeCommand): unknown {
  if (type !== 'loadline.openLoad') return [kind, type, id];
  const { requests = [] } = (args[0] ?? {}) as { readonly requests?: readonly Request[] };
  return [kind, type, id, requests.map((request) => ofKey.map((part) => request?.[part] ?? null))];
}

/** Whether two replays have made the same commands, for the same loads, and neither has gone another way. */
export function isEquivalent(a: Replayed, b: Replayed): boolean {
  if (a.error || b.error) return false;
  return isDeepStrictEqual(a.commands.map(traits), b.commands.map(traits));
}
