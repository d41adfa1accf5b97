import type { Routing } from './routing';

/** What a deploy does next, by what the server says of the deployment. */
export type NextStep =
  | { readonly do: 'nothing' }
  /** Another build is being brought in by somebody. */
  | { readonly do: 'refuse'; readonly other: string }
  /** Nothing is current: there are no runs that could suffer. */
  | { readonly do: 'promote-first' }
  /** The ramp, from its beginning. */
  | { readonly do: 'begin'; readonly steps: readonly number[] }
  /** The ramp was begun before: this share is observed first, the others come after. */
  | { readonly do: 'resume'; readonly percent: number; readonly steps: readonly number[] };

/** Decides it. The same command, run again after it was killed, goes on where the server says that it was. */
export function nextStep(routing: Routing, buildId: string, steps: readonly number[]): NextStep {
  const { current, ramping, percent } = routing;
  if (current === buildId) return { do: 'nothing' };
  if (ramping !== null && ramping !== buildId && percent > 0) return { do: 'refuse', other: ramping };
  if (current === null) return { do: 'promote-first' };
  if (ramping !== buildId || percent === 0) return { do: 'begin', steps };
  return { do: 'resume', percent, steps: steps.filter((step) => step > percent) };
}
