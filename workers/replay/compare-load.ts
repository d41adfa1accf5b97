import { changedParts, keyFields } from './load-key-parts';
import type { OpenLoadInput } from '../../workflows/contract';
import type { ChangedPart, Divergence } from './verdict';

/** One `openLoad`, as history has it and as the code asks. */
export interface OpenedLoad {
  readonly eventId: number;
  readonly history: OpenLoadInput;
  readonly code: OpenLoadInput;
}

/** What an `openLoad` asks for otherwise than history says. Names fields; of values only those that a load key shows. */
export function compareLoad({ eventId, history, code }: OpenedLoad): Divergence[] {
  const changed = changedParts(history, code);
  const fields = changedFields(history, code);
  return [
    ...(changed.length > 0 ? [keyChanged(eventId, changed)] : []),
    ...(fields.length > 0 ? [requestChanged(eventId, fields)] : []),
  ];
}

function keyChanged(eventId: number, changed: readonly ChangedPart[]): Divergence {
  const [expected, got] = [told(changed, 'from'), told(changed, 'to')];
  const parts = changed.map(({ part }) => part).join(', ');
  return {
    code: 'LoadKeyChanged',
    eventId,
    expected,
    got,
    changed,
    message:
      `The load key has another ${parts}: history opens it with ${expected} (event ${eventId}), the code with ${got}. ` +
      'Replay alone is green, but no receipt is under the new key: what was loaded would be loaded again. ' +
      'Undo the change, or acknowledge it in replay-acknowledged.yml.',
  };
}

const told = (changed: readonly ChangedPart[], side: 'from' | 'to'): string =>
  changed.map((part) => `${part.part} ${part[side] === '' ? 'none' : `"${part[side]}"`}`).join(', ');

function requestChanged(eventId: number, fields: readonly string[]): Divergence {
  return {
    code: 'LoadRequestChanged',
    eventId,
    expected: `${fields.join(', ')} as in event ${eventId}`,
    got: 'another',
    message:
      `The load is asked for with another ${fields.join(', ')} than in event ${eventId}. Its key is the same: a running load ` +
      'goes on as it was opened, later ones are opened in the new way.',
  };
}

/** The paths at which two lists of requests differ, apart from what makes the key. */
function changedFields(history: OpenLoadInput, code: OpenLoadInput): string[] {
  const [before, after] = [history, code].map(({ requests }) => (Array.isArray(requests) ? requests : []));
  if (before!.length !== after!.length) return ['requests'];
  const [tables, tablesNow] = [before!, after!].map((requests) =>
    requests.map((r) => String((r as { into?: unknown } | null)?.into)),
  );
  if (tables!.join() !== tablesNow!.join() && [...tables!].sort().join() === [...tablesNow!].sort().join())
    return ['order of requests'];
  const paths = before!.flatMap((request, index) => differing(request, after![index], ''));
  return [...new Set(paths)].filter((path) => !keyFields.includes(path.split('.')[0]!));
}

function differing(before: unknown, after: unknown, path: string): string[] {
  if (isObject(before) && isObject(after)) {
    const names = [...new Set([...Object.keys(before), ...Object.keys(after)])];
    return names.flatMap((name) => differing(before[name], after[name], path === '' ? name : `${path}.${name}`));
  }
  return JSON.stringify(before) === JSON.stringify(after) ? [] : [path || 'request'];
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
