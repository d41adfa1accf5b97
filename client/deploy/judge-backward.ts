import type { ReplayVerdict } from '../../workers/replay';
import type { DeployPhase } from './result';

/** What is known of the way back. */
export interface WayBack {
  /** `null`: the current build's bundle is not there. */
  readonly verdicts: readonly ReplayVerdict[] | null;
  readonly previous: string;
  /** Whether runs follow to the old build. Those that are pinned stay on the new one. */
  readonly follows: boolean;
  readonly required: boolean;
}

/** Whether the old build could go on with what the new one has begun. */
export function judgeBackward({ verdicts, previous, follows, required }: WayBack): DeployPhase {
  const phase = 'backward-replay';
  if (verdicts === null)
    return {
      phase,
      verdict: required ? 'fail' : 'warn',
      text: `A rollback is not proved: there is no bundle of ${previous}. Keep bundles with --bundles.`,
    };
  const broken = verdicts.filter(({ divergences }) => divergences.some(({ code }) => stops.includes(code)));
  const changed = verdicts.filter(({ divergences }) => divergences.some(({ code }) => code === 'LoadKeyChanged'));
  const [first] = [...broken, ...changed];
  if (!first)
    return { phase, verdict: 'pass', text: `${previous} replays the histories of the canary: a rollback is safe.` };
  const why = first.divergences[0]!.message.split('\n')[0]!;
  const what =
    broken.length > 0
      ? `${previous} cannot go on with what the new build has begun`
      : `${previous} loads under other keys than the new build`;
  const fails = required || (follows && broken.length > 0);
  const stay = broken.length > 0 && !follows ? ' Its runs are pinned: after a rollback its workers must stay up.' : '';
  return { phase, verdict: fails ? 'fail' : 'warn', text: `${what}: ${why}.${stay}`.replace('..', '.') };
}

const stops: readonly string[] = ['Nondeterminism', 'ReplayFailed'];
