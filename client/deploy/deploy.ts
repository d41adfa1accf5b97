import type { LoadlineConfig } from '../../workflows/config';
import { isLoadError, loadFailure } from '../../workflows/load-error';
import type { ConnectOverrides, ResolvedConfig } from '../../workers/config';
import { withDeployment, type DeploymentAccess } from './access';
import { keepBundle, replayOn } from './backward';
import { runCanary } from './canary';
import { judgeBackward } from './judge-backward';
import { objectionTo, type RunHistory } from './judge-canary';
import { nextStep } from './next-step';
import { observe } from './observe';
import { resolveDeploy, type DeployOptions, type ResolvedDeploy } from './options';
import { changeRouting, readRouting, routingText, type Routing } from './routing';
import { awaitLife } from './sign-of-life';
import { writeNotes } from './version-notes';
import type { DeployPhase, DeployResult } from './result';

/**
 * Brings in a new build of a Worker Deployment, whose workers must be running: canary, backward replay, ramp, promotion.
 * All state is the server's, so that a deploy that was killed goes on when it is asked for again. A gate that does not
 * pass takes the ramp back to 0; nothing passes for want of evidence.
 *
 * @throws `BuildNotPolling`, `DeployConflict` when somebody else has changed the routing, `InvalidConfig`, `InvalidRequest`
 *
 * @example
 * ```ts
 * const { outcome, phases } = await deploy({ ramp: [10, 50], observe: '10m' });
 * if (outcome !== 'promoted' && outcome !== 'already-current') throw new Error(phases.at(-1)?.text);
 * ```
 */
export function deploy(
  options: DeployOptions = {},
  config?: LoadlineConfig | ResolvedConfig,
  overrides: ConnectOverrides = {},
): Promise<DeployResult> {
  return withDeployment(config, overrides, (at) => new Deploy(at, resolveDeploy(options, at.config.buildId)).run());
}

/** A gate has not passed. What it found stands in the last phase. */
class Stopped extends Error {
  constructor(readonly outcome: 'failed' | 'insufficient-evidence') {
    super(outcome);
  }
}

type StoppingPhase = DeployPhase & { readonly verdict: 'fail' | 'insufficient' };

class Deploy {
  readonly #phases: DeployPhase[] = [];
  #histories: readonly RunHistory[] = [];

  constructor(
    private readonly at: DeploymentAccess,
    private readonly plan: ResolvedDeploy,
  ) {}

  async run(): Promise<DeployResult> {
    const { at, plan } = this;
    const known = await readRouting(at);
    if (known?.current === plan.buildId) return this.#alreadyCurrent(known);
    await this.#life(known);
    const routing = (await readRouting(at))!;
    const previous = routing.current;
    try {
      await this.#bringIn(routing);
      return this.#result('promoted', previous);
    } catch (error) {
      if (error instanceof Stopped) return this.#result(error.outcome, previous);
      throw error;
    }
  }

  async #alreadyCurrent(routing: Routing): Promise<DeployResult> {
    // A deploy that was killed right after the promotion had this left to do.
    const kept = await this.#keepBundle();
    const text = `${this.plan.buildId} is current already: ${routingText(routing)}.${kept}`;
    this.#tell({ phase: 'promote', verdict: 'pass', text });
    return this.#result('already-current', this.plan.buildId);
  }

  async #life(known: Routing | null): Promise<void> {
    const { buildId, waitMs, signal } = this.plan;
    this.plan.onProgress?.(`waiting for workers of ${buildId}`);
    try {
      await awaitLife(this.at, buildId, waitMs, signal);
    } catch (error) {
      // Its workers have gone while it was ramped: no run may wait for them.
      if (known?.ramping === buildId && isLoadError(error, 'BuildNotPolling'))
        await changeRouting(this.at, known, { ramp: 0, buildId });
      throw error;
    }
    this.#tell({ phase: 'workers', verdict: 'pass', text: `Workers of ${buildId} answer on ${this.at.taskQueue}.` });
  }

  async #bringIn(routing: Routing): Promise<void> {
    const { buildId, steps, canary } = this.plan;
    const next = nextStep(routing, buildId, steps);
    if (next.do === 'refuse') throw otherRamp(this.at, routing, buildId);
    if (next.do === 'nothing') return;
    await this.#canary(routing);
    if (next.do === 'promote-first') return this.#promote(routing);
    await this.#backward(routing, next.do === 'begin');
    if (next.do === 'begin' && steps.length === 0) return this.#withoutRamp(routing, canary);
    let now = routing;
    if (next.do === 'resume') await this.#observe(now, next.percent, next.steps.length === 0);
    for (const [i, percent] of next.steps.entries()) {
      now = await this.#ramp(now, percent);
      await this.#observe(now, percent, i === next.steps.length - 1);
    }
    await this.#promote(now);
  }

  async #canary(routing: Routing): Promise<void> {
    const { buildId, canary, canaryTimeoutMs: timeoutMs, signal } = this.plan;
    if (!canary)
      return this.#tell({ phase: 'canary', verdict: 'skip', text: 'No canary was asked for: nothing is known yet.' });
    this.plan.onProgress?.(`running the canary on ${buildId}`);
    const seen = await runCanary(this.at, buildId, { timeoutMs, signal });
    const objection = objectionTo(seen, this.at.deployment, buildId);
    if (objection !== null || 'trouble' in seen)
      return this.#stop(routing, { phase: 'canary', verdict: 'fail', text: objection ?? 'The canary has failed.' });
    this.#histories = seen.histories;
    const tables = seen.result.runs[1]!.tables;
    const rows = tables.reduce((sum, table) => sum + table.rows, 0);
    const text = `Loaded twice on ${buildId}: ${some(rows, 'row')} in ${some(tables.length, 'scratch table')}, the second time unchanged.`;
    this.#tell({ phase: 'canary', verdict: 'pass', text });
  }

  async #backward(routing: Routing, begins: boolean): Promise<void> {
    const { plan, at } = this;
    const previous = routing.current!;
    const phase = 'backward-replay';
    if (plan.bundles === null && !plan.requireBackwardReplay) {
      if (begins)
        this.#tell({ phase, verdict: 'warn', text: 'A rollback is not proved: no folder of bundles (--bundles).' });
      return;
    }
    // What the canary itself does is Loadline's; its two runs are the user's.
    const runs = this.#histories.slice(1);
    const verdicts = runs.length === 0 || plan.bundles === null ? null : await replayOn(plan.bundles, previous, runs);
    const follows = at.config.deployment?.versioning === 'auto-upgrade';
    const judged = judgeBackward({ verdicts, previous, follows, required: plan.requireBackwardReplay });
    if (judged.verdict === 'fail') await this.#stop(routing, { ...judged, verdict: 'fail' });
    this.#tell(judged);
  }

  async #ramp(seen: Routing, percent: number): Promise<Routing> {
    const { buildId, signal } = this.plan;
    signal?.throwIfAborted();
    const now = await changeRouting(this.at, seen, { ramp: percent, buildId });
    this.#tell({ phase: 'ramp', verdict: 'pass', percent, text: `${percent} % of new runs go to ${buildId}.` });
    return now;
  }

  async #observe(seen: Routing, percent: number, last: boolean): Promise<void> {
    const found = await observe(this.at, this.plan, seen, last);
    const base = { phase: 'observe', percent } as const;
    if (found.verdict !== 'pass') return this.#stop(seen, { ...base, verdict: found.verdict, text: found.reason });
    this.#tell({ ...base, verdict: 'pass', text: `At ${percent} % of new runs: ${found.text}.` });
  }

  #withoutRamp(routing: Routing, canary: boolean): Promise<void> {
    if (!canary)
      throw loadFailure('InvalidRequest', {
        what: 'A deploy without a canary and without a ramp would prove nothing.',
        object: 'deploy: ramp',
        expected: 'shares of new runs, or a canary',
        got: 'neither',
        remedy: 'Leave out one of the two options.',
      });
    this.#tell({ phase: 'ramp', verdict: 'warn', text: 'No ramp was asked for: the canary is all that is known.' });
    return this.#promote(routing);
  }

  async #promote(seen: Routing): Promise<void> {
    const { buildId, signal } = this.plan;
    signal?.throwIfAborted();
    // Noted first: a rollback has to know it, whenever this process ends.
    await writeNotes(this.at, buildId, { previous: seen.current, rolledBack: null });
    await changeRouting(this.at, seen, { promote: true, buildId });
    const before = seen.current === null ? '' : ` instead of ${seen.current}`;
    const kept = await this.#keepBundle();
    this.#tell({ phase: 'promote', verdict: 'pass', text: `All new runs go to ${buildId}${before}.${kept}` });
  }

  async #keepBundle(): Promise<string> {
    const { bundles, buildId } = this.plan;
    if (bundles === null) return '';
    if (buildId !== this.at.config.buildId) return ` No bundle is kept: these are the sources of another build.`;
    const file = await keepBundle(this.at, bundles);
    return file === null ? '' : ` Its bundle is kept as ${file}.`;
  }

  /** Takes the build away from new runs, if it has any, and ends the deploy. */
  async #stop(seen: Routing, found: StoppingPhase): Promise<never> {
    const { buildId } = this.plan;
    const ramped = seen.ramping === buildId && seen.percent > 0;
    if (ramped) await changeRouting(this.at, seen, { ramp: 0, buildId });
    const text = ramped ? `${found.text} New runs go to ${seen.current} again: the ramp is back at 0.` : found.text;
    this.#tell({ ...found, text });
    throw new Stopped(found.verdict === 'insufficient' ? 'insufficient-evidence' : 'failed');
  }

  #tell(phase: DeployPhase): void {
    this.#phases.push(phase);
    this.plan.onPhase?.(phase);
  }

  #result(outcome: DeployResult['outcome'], previous: string | null): DeployResult {
    const { at, plan } = this;
    return { outcome, deployment: at.deployment, buildId: plan.buildId, previous, phases: this.#phases };
  }
}

function otherRamp({ deployment }: DeploymentAccess, routing: Routing, buildId: string): Error {
  return loadFailure('DeployConflict', {
    what: 'Another build is being brought in.',
    object: deployment,
    expected: `no ramp, or one of ${buildId}`,
    got: routingText(routing),
    remedy: 'Let that deploy end, or take it back with `loadline rollback`.',
  });
}

const some = (count: number, one: string): string => `${count} ${one}${count === 1 ? '' : 's'}`;
