import { loadFailure } from '../../workflows/load-error';
import { parseDuration } from '../../activities/duration';
import type { DeployPhase } from './result';

/** Options of {@link deploy}. Durations are text such as `30s`, `10m`, `2h`. */
export interface DeployOptions {
  /** @default that of the configuration */
  readonly buildId?: string;
  /** The shares of new runs, in percent, that the build gets before it gets all. @default [10, 50] */
  readonly ramp?: readonly number[];
  /** How long each share is observed. @default '10m' */
  readonly observe?: string;
  /** How many runs must have finished on the new build before it gets all. @default 5 */
  readonly minRuns?: number;
  /** The share of failed runs that stops the deploy, unless the current build has as many. @default 0.05 */
  readonly maxFailureRate?: number;
  /** How long to wait for a worker of the build. @default '5m' */
  readonly wait?: string;
  /** Whether the build runs a canary first. @default true */
  readonly canary?: boolean;
  /** How long the canary may take. @default '10m' */
  readonly canaryTimeout?: string;
  /**
   * The folder of workflow bundles, `<build id>.js`: the canary is replayed on that of the current build, and that of the
   * new build is written once it is current.
   */
  readonly bundles?: string;
  /** Whether a rollback that is not proved fails the deploy. @default false: it is a warning */
  readonly requireBackwardReplay?: boolean;
  /** Told of every phase when it ends. */
  readonly onPhase?: (phase: DeployPhase) => void;
  /** Told what is waited for, when that changes. */
  readonly onProgress?: (text: string) => void;
  /** Ends the deploy where it is; run again, it goes on from there. */
  readonly signal?: AbortSignal;
}

/** {@link DeployOptions} with everything decided. */
export interface ResolvedDeploy extends Pick<DeployOptions, 'onPhase' | 'onProgress' | 'signal'> {
  readonly buildId: string;
  readonly steps: readonly number[];
  readonly observeMs: number;
  readonly minRuns: number;
  readonly maxFailureRate: number;
  readonly waitMs: number;
  readonly canary: boolean;
  readonly canaryTimeoutMs: number;
  readonly bundles: string | null;
  readonly requireBackwardReplay: boolean;
}

/** Decides the options. @throws `InvalidRequest` that names one which cannot be */
export function resolveDeploy(options: DeployOptions, configured: string): ResolvedDeploy {
  const { ramp = [10, 50], minRuns = 5, maxFailureRate = 0.05, buildId = configured, onPhase, onProgress } = options;
  const rising = ramp.every((step, i) => Number.isFinite(step) && step > (ramp[i - 1] ?? 0) && step <= 100);
  if (!rising) refuse('ramp', 'shares that rise, each above 0 and at most 100', ramp.join(', '));
  if (!Number.isInteger(minRuns) || minRuns < 1) refuse('minRuns', 'a whole number from 1', String(minRuns));
  if (!(maxFailureRate >= 0 && maxFailureRate < 1))
    refuse('maxFailureRate', 'a share from 0 to 1', `${maxFailureRate}`);
  if (buildId === '') refuse('buildId', 'the name of a build', 'nothing');
  return {
    buildId,
    steps: ramp,
    observeMs: durationOf('observe', options.observe ?? '10m'),
    minRuns,
    maxFailureRate,
    waitMs: durationOf('wait', options.wait ?? '5m'),
    canary: options.canary ?? true,
    canaryTimeoutMs: durationOf('canaryTimeout', options.canaryTimeout ?? '10m'),
    bundles: options.bundles ?? null,
    requireBackwardReplay: options.requireBackwardReplay ?? false,
    ...(onPhase && { onPhase }),
    ...(onProgress && { onProgress }),
    ...(options.signal && { signal: options.signal }),
  };
}

/** @throws `InvalidRequest` */
export function durationOf(option: string, text: string): number {
  const value = parseDuration(text);
  if (value >= 0 && value <= 7 * 24 * 3_600_000) return Math.round(value);
  return refuse(option, 'a duration with a unit, such as 30s, 10m or 2h', JSON.stringify(text.slice(0, 40)));
}

function refuse(option: string, expected: string, got: string): never {
  throw loadFailure('InvalidRequest', {
    what: 'The deploy is asked for wrongly.',
    object: `deploy: ${option}`,
    expected,
    got,
    remedy: `Correct ${option}.`,
  });
}
