import { condition, defineQuery, defineUpdate, setHandler } from '@temporalio/workflow';
import { loadFailure } from './load-error';
import { hold } from './steps';
import { indexOutcome, tellHeld } from './story';
import { durationText } from './story-text';
import { choicesOf, impossibleLines } from './verdict';
import type { AuditedStage, HeldLoad, OpenLoad, OpenLoadResult, VerdictInput } from './contract';
import type { FailedTable, GivenVerdict, HeldStage, LoadVerdict } from './verdict';

/** Asks a workflow which of its loads are or were held: `temporal workflow query --type heldLoads`. */
export const heldLoads = defineQuery<readonly HeldLoad[]>('heldLoads');

/** Decides about a held load: `temporal workflow update execute --name verdict`. Resolves to what was decided. */
export const verdict = defineUpdate<Required<VerdictInput>, [VerdictInput]>('verdict');

// Module state is one run's own: the sandbox gives every run its own modules.
const loads = new Map<string, HeldLoad>();
let listening = false;

/** Answers the query and the Update, whose refusal tells what is wrong, from the start of a load on. */
export function listenForVerdicts(): void {
  if (listening) return;
  listening = true;
  setHandler(heldLoads, () => [...loads.values()], { description: 'Loads of this run that are or were held' });
  setHandler(verdict, give, {
    validator: refuse,
    description: 'Decides about a held load: { verdict: release | quarantine | reject, by, reason }',
  });
}

/** Waits until somebody decides about stages that failed their contract, or until nobody did in time. */
export async function awaitVerdict(
  result: OpenLoadResult,
  open: OpenLoad,
  stages: readonly AuditedStage[],
): Promise<GivenVerdict> {
  const { forMs, ...load } = heldLoadOf(open, stages);
  const { loadKey } = open;
  loads.delete(loadKey);
  await hold(open, load);
  loads.set(loadKey, load);
  tellHeld(load);
  indexOutcome(result, 'held');
  try {
    await condition(() => loads.get(loadKey)?.given !== undefined, forMs);
  } catch (error) {
    // Cancelled: a verdict that came now would be obeyed by nobody.
    loads.delete(loadKey);
    throw error;
  }
  const given = loads.get(loadKey)?.given ?? timedOut(load, forMs);
  loads.set(loadKey, { ...load, given });
  return given;
}

function heldLoadOf(open: OpenLoad, stages: readonly AuditedStage[]): HeldLoad & { readonly forMs: number } {
  const held = stages.flatMap((s) => (s.held ? [{ ...s, held: s.held }] : []));
  const failed = held.map(({ index, rows, batch, held }): FailedTable => ({
    table: open.targets[index]!.target,
    sha256: batch.sha256,
    rows,
    checks: held.checks,
    whole: held.whole,
    ...(held.impossible && { impossible: held.impossible }),
  }));
  const { forMs, then } = policyOf(held.map((s) => s.held));
  const choices = choicesOf(failed);
  return {
    loadKey: open.loadKey,
    failed,
    choices,
    until: new Date(Date.now() + forMs).toISOString(),
    then: choices.includes(then) ? then : 'reject',
    forMs,
  };
}

/** Of a set of tables the shortest time and the most careful end. */
function policyOf(held: readonly HeldStage[]): { forMs: number; then: LoadVerdict } {
  const careful = ['reject', 'quarantine', 'release'] as const;
  return {
    forMs: Math.min(...held.map((h) => h.forMs)),
    then: careful.find((end) => held.some((h) => h.then === end)) ?? 'reject',
  };
}

function timedOut({ then, failed }: HeldLoad, forMs: number): GivenVerdict {
  return { verdict: then, by: 'loadline', reason: `no verdict within ${durationText(forMs)}`, failed };
}

function give(input: VerdictInput): Required<VerdictInput> {
  const load = meant(input)!;
  const [by, reason] = [input.by.trim(), input.reason.trim()];
  loads.set(load.loadKey, { ...load, given: { verdict: input.verdict, by, reason, failed: load.failed } });
  return { verdict: input.verdict, by, reason, loadKey: load.loadKey };
}

/** The load that a verdict is about: the one it names, or the only one that waits. */
function meant({ loadKey }: VerdictInput): HeldLoad | undefined {
  if (loadKey !== undefined) return loads.get(loadKey);
  const waiting = [...loads.values()].filter(({ given }) => !given);
  return waiting.length === 1 || loads.size === 1 ? (waiting[0] ?? [...loads.values()][0]) : undefined;
}

/** As JSON from a person it may be anything. @throws `VerdictRefused` */
function refuse(given: unknown): void {
  const input = (typeof given === 'object' && given !== null ? given : {}) as VerdictInput;
  const load = meant(input);
  if (!load) throw notHeld(input);
  const refusal = refusalOf(input, load);
  if (refusal) throw loadFailure('VerdictRefused', { object: load.loadKey, loadKey: load.loadKey, ...refusal });
}

function notHeld({ loadKey }: VerdictInput): Error {
  const waiting = [...loads.values()].filter(({ given }) => !given).map((load) => load.loadKey);
  if (loadKey === undefined && waiting.length > 1)
    return loadFailure('VerdictRefused', {
      object: 'loadKey',
      expected: `one of ${waiting.join(', ')}`,
      got: 'none',
      remedy: 'Several loads of this run are held: name one with loadKey.',
    });
  return loadFailure('VerdictRefused', {
    object: typeof loadKey === 'string' ? loadKey : 'this run',
    expected: 'a load that is held',
    got: 'none',
  });
}

interface Refusal {
  readonly object?: string;
  readonly expected: string;
  readonly got: string;
  readonly remedy?: string;
}

function refusalOf({ verdict: asked, by, reason }: VerdictInput, load: HeldLoad): Refusal | undefined {
  const { given, choices, failed } = load;
  if (given)
    return {
      expected: 'a load that is held',
      got: `one that ${given.by} has decided: ${given.verdict}`,
      remedy: 'Nothing to do: the first verdict is carried out.',
    };
  const impossible = impossibleLines(failed, asked);
  if (impossible.length > 0)
    return {
      expected: choices.join(' or '),
      got: `${asked}, which the table would not take: ${impossible.join('; ')}`,
      remedy: 'Nothing was changed: decide otherwise, or mend what is named and load again.',
    };
  if (asked === 'quarantine' && !choices.includes(asked))
    return {
      expected: choices.join(' or '),
      got: `quarantine, where ${failed.flatMap(({ whole }) => whole).join(', ')} would still fail: that is about the whole batch`,
      remedy: 'No rows can be set aside to mend it: release the load, or reject it.',
    };
  if (!choices.includes(asked))
    return { object: 'verdict', expected: choices.join(', '), got: JSON.stringify(asked) ?? 'none' };
  const unsigned = Object.entries({ by, reason }).find(([, text]) => !isLine(text));
  return (
    unsigned && {
      object: unsigned[0],
      expected: 'one line of 1 to 500 characters',
      got: typeof unsigned[1] === 'string' ? 'another text' : 'none',
      remedy: 'Say by whom, and reason why: history and ledger keep it.',
    }
  );
}

const isLine = (text: unknown): boolean =>
  typeof text === 'string' && text.trim() !== '' && text.length <= 500 && !/\p{Cc}/u.test(text);
