import { loadErrorOf, type LoadFailure } from '../../workflows/load-error';
import type { HeldStage, OpenTarget } from '../../workflows/contract';
import type { Verdict } from '../../workflows/checks';
import type { Hold } from './verdict-policy';

/** What an audit has found, and which rows it has left. */
export interface Evaluated {
  readonly quarantined: number;
  /** Rows of the stage, once repetitions are out. */
  readonly left: number;
  readonly verdicts: readonly Verdict[];
}

/** What a person would decide about, and what could be published of it at most. */
export interface Prospects {
  readonly rest: Evaluated;
  readonly held: HeldStage;
}

/** The evaluation under a verdict, or what the publish would fail with. */
export type Tried = Evaluated | LoadFailure;

/**
 * Tries each verdict that would publish, as far as that shows before it is published: nobody is asked about what nobody
 * could publish, nor offered a verdict that would fail.
 *
 * @throws why, where none is possible
 */
export async function prospectsOf(hold: Hold, attempt: (target: OpenTarget) => Promise<Tried>): Promise<Prospects> {
  const rest = await attempt(hold.rest);
  const all = await attempt(hold.all);
  const held = hold.held(verdictsOf(rest), verdictsOf(all), {
    ...(isRefusal(rest) && { quarantine: textOf(rest) }),
    ...(isRefusal(all) && { release: textOf(all) }),
  });
  if (isRefusal(all) && (isRefusal(rest) || held.whole.length > 0)) throw isRefusal(rest) ? rest : all;
  return { rest: isRefusal(rest) ? (all as Evaluated) : rest, held };
}

const isRefusal = (tried: Tried): tried is LoadFailure => 'details' in tried;
const verdictsOf = (tried: Tried): readonly Verdict[] => (isRefusal(tried) ? [] : tried.verdicts);

/** What a publish would fail with; other errors are thrown on. */
export function refusalOf(error: unknown): LoadFailure {
  const failure = loadErrorOf(error);
  if (failure && refusals.has(failure.type)) return failure;
  throw error;
}

const refusals: ReadonlySet<string> = new Set([
  'NotUnique',
  'ConflictingDuplicates',
  'RowsOutsidePartition',
  'OutOfOrder',
  'EmptyReplace',
  'EmptyPartition',
  'ConstraintViolated',
]);

/** A refusal without its remedy, which is another where nothing has failed yet. */
function textOf({ type, details: [{ object, got }] }: LoadFailure): string {
  return `${type} [${object}]${got === undefined ? '' : `: ${got}`}`;
}
