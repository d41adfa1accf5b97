import {
  deploy,
  deploymentStatus,
  rollback,
  type DeployOptions,
  type DeployPhase,
  type DeployResult,
  type RollbackPlan,
} from '../client';
import { deployFindings, refusedDeploy, rollbackFindings } from './deploy-findings';
import { phaseLine, renderDeploy, renderRollback, renderRollbackPlan, renderStatus } from './deploy-text';
import { exitCodes, type ExitCode } from './exit-code';
import { lazyQuietRuntime } from './lazy';
import { errorFacts } from './print-error';
import { stopSignal } from './stop-signal';
import { hang, paint } from './terminal';
import { UsageError } from './usage-error';
import { reportKinds, wantedReport, writeReports, type WantedReport } from './reports/write-reports';
import type { CliContext } from './cli-context';
import type { DeployFlags, RollbackFlags } from './commands/deploy';
import type { Findings } from './reports/findings';

/** Brings in a build, tells of every phase, and writes the reports. */
export async function runDeploy(flags: DeployFlags, context: CliContext): Promise<ExitCode> {
  const { terminal } = context;
  const options = { ...optionsOf(flags), ...telling(context) };
  const report = reporter(flags, context);
  const config = await context.config();
  // Else the replayer would take Ctrl-C for itself, and log.
  if (flags.bundles !== undefined) lazyQuietRuntime().quietRuntime(context);
  const signal = stopping(context);
  const phases: DeployPhase[] = [];
  const onPhase = (phase: DeployPhase): void => {
    phases.push(phase);
    options.onPhase(phase);
  };
  const subject = config.deployment?.name ?? config.taskQueue;
  const asked = { ...options, onPhase, signal };
  const result = await deploy(asked, config, connection(context)).catch(async (error: unknown) => {
    if (signal.aborted) return null;
    // A pipeline shows its reports, and hides what was printed.
    await report(refusedDeploy('loadline deploy', subject, errorFacts(error), phases));
    throw error;
  });
  if (result === null) return stopped(subject, context);
  await report(deployFindings(result));
  terminal.result(result, (columns) => renderDeploy(result, columns));
  return exitCodeOf(result);
}

/** Ctrl-C and SIGTERM end a deploy where it is. */
function stopping({ terminal, onClose }: CliContext): AbortSignal {
  const stop = stopSignal(terminal.note);
  const stopped = new AbortController();
  void stop.asked.then(() => stopped.abort());
  onClose(async () => stop.forget());
  return stopped.signal;
}

function stopped(deployment: string, { terminal }: CliContext): ExitCode {
  const text =
    'Stopped: new runs go where they went before. `loadline deploy status` shows where; `loadline deploy` goes on from there, `loadline rollback` takes a ramp back.';
  terminal.result({ stopped: true, deployment }, (columns) => hang(`${paint.yellow('!')} `, text, columns));
  return exitCodes.detached;
}

function exitCodeOf({ outcome }: DeployResult): ExitCode {
  if (outcome === 'insufficient-evidence') return exitCodes.insufficientEvidence;
  return outcome === 'failed' ? exitCodes.failed : exitCodes.ok;
}

/** A line for every phase as it ends; what is waited for only to who watches, or asks for it. */
function telling({ terminal }: CliContext): Required<Pick<DeployOptions, 'onPhase' | 'onProgress'>> {
  let told = '';
  return {
    onPhase: (phase) => terminal.note(phaseLine(phase, terminal.columns)),
    onProgress: (text) => {
      const same = text.replace(/;.*/, '') === told;
      told = text.replace(/;.*/, '');
      if (!same) terminal.note(paint.dim(`  ${text}`));
    },
  };
}

/** Says which builds there are. */
export async function showStatus(context: CliContext): Promise<ExitCode> {
  const status = await deploymentStatus(await context.config(), connection(context));
  context.terminal.result(status, (columns) => renderStatus(status, columns));
  return exitCodes.ok;
}

/** Takes new runs away from a build, once who asks has seen what that breaks. */
export async function runRollback(flags: RollbackFlags, context: CliContext): Promise<ExitCode> {
  const { terminal } = context;
  const report = reporter(flags, context);
  const config = await context.config();
  const confirm = async (plan: RollbackPlan): Promise<boolean> => {
    terminal.note(renderRollbackPlan(plan, terminal.columns));
    return flags.yes === true || context.confirm(`Have new runs go to ${plan.to}?`);
  };
  const { buildId, bundles, wait } = flags;
  if (bundles !== undefined) lazyQuietRuntime().quietRuntime(context);
  const asked = {
    ...(buildId === undefined ? {} : { buildId }),
    ...(bundles === undefined ? {} : { bundles }),
    ...(wait === undefined ? {} : { wait }),
  };
  const subject = config.deployment?.name ?? config.taskQueue;
  const result = await rollback({ ...asked, confirm }, config, connection(context)).catch(async (error: unknown) => {
    await report(refusedDeploy('loadline rollback', subject, errorFacts(error), []));
    throw error;
  });
  if (result.outcome === 'declined') throw new UsageError('Nothing was changed.', 'Confirm, or add --yes.');
  await report(rollbackFindings(result));
  terminal.result(result, (columns) => renderRollback(result, columns));
  return exitCodes.ok;
}

function connection({ globals: { address, namespace } }: CliContext): { address?: string; namespace?: string } {
  return { ...(address === undefined ? {} : { address }), ...(namespace === undefined ? {} : { namespace }) };
}

type Reporter = (findings: Findings) => Promise<void>;

function reporter({ report = [], output }: Pick<DeployFlags, 'report' | 'output'>, { terminal }: CliContext): Reporter {
  // Wrong use is told before anything is done.
  const wanted: readonly WantedReport[] = report.map((text) => wantedReport(text, reportKinds));
  return async (findings) => {
    const { printed } = await writeReports(findings, wanted, output);
    if (printed) terminal.note(printed.trimEnd());
  };
}

function optionsOf(flags: DeployFlags): DeployOptions {
  const { buildId, ramp, observe, minRuns, maxFailureRate, wait, canary, canaryTimeout, bundles } = flags;
  return {
    canary,
    ...(buildId === undefined ? {} : { buildId }),
    ...(ramp === undefined ? {} : { ramp: sharesOf(ramp) }),
    ...(observe === undefined ? {} : { observe }),
    ...(minRuns === undefined ? {} : { minRuns: numberOf('--min-runs', minRuns) }),
    ...(maxFailureRate === undefined ? {} : { maxFailureRate: numberOf('--max-failure-rate', maxFailureRate) }),
    ...(wait === undefined ? {} : { wait }),
    ...(canaryTimeout === undefined ? {} : { canaryTimeout }),
    ...(bundles === undefined ? {} : { bundles }),
    ...(flags.requireBackwardReplay === true ? { requireBackwardReplay: true } : {}),
  };
}

const sharesOf = (text: string): number[] =>
  text === 'none' ? [] : text.split(',').map((share) => numberOf('--ramp', share.trim().replace(/%$/, '')));

function numberOf(flag: string, text: string): number {
  if (/^\d+(\.\d+)?$/.test(text)) return Number(text);
  throw new UsageError(`${flag} ${text} is no number.`, `Say such as ${examples[flag]}.`);
}

const examples: Readonly<Record<string, string>> = {
  '--ramp': '--ramp 10,50 or --ramp none',
  '--min-runs': '--min-runs 5',
  '--max-failure-rate': '--max-failure-rate 0.05',
};
