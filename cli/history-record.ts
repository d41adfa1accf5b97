import { existsSync } from 'node:fs';
import { mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { historyFile, openRecorder, recordHistory, type EventJson, type OpenedRecorder, type RecordedHistory, type Recorder } from '../workers/history'; // prettier-ignore
import { writeHistory } from '../workers/replay';
import { quietRuntime } from './replay/quiet-runtime';
import { exitCodes, type ExitCode } from './exit-code';
import { renderRecording } from './history-output';
import { errorFacts, type ErrorFacts } from './print-error';
import { refusedQuery } from './replay/collect';
import { temporalClient } from './temporal-client';
import { canaryOf } from '../workflows/canary-run';
import { UsageError } from './usage-error';
import type { Client } from '@temporalio/client';
import type { ResolvedConfig } from '../workers/config';
import type { CliContext } from './cli-context';
import type { RecordFlags } from './commands/history';

/** Which run. */
export interface Run {
  readonly workflowId: string;
  readonly runId?: string;
}
/** A run and its file. */
export interface Recorded extends Omit<RecordedHistory, 'text'>, Run {
  readonly file: string;
}
/** What has become of the runs. */
export interface Recording {
  readonly recorded: Recorded[];
  readonly skipped: (Run & { readonly why: string })[];
  readonly refused: (Run & { readonly error: ErrorFacts })[];
}

/** What has failed for one run fails for each, and is told once. */
const ofAllRuns = ['Usage', 'WorkflowsNotBundled', 'ReplayerBroken', 'TemporalUnreachable'];

/** Records runs as files, and tells of each that it could not. */
export async function recordHistories(
  workflowIds: readonly string[],
  flags: RecordFlags,
  context: CliContext,
): Promise<ExitCode> {
  if (workflowIds.length > 0 && flags.query !== undefined)
    throw new UsageError('Both workflow ids and --query were given.', 'Name the runs, or have them found.');
  const limits = { perShape: countOf('--per-shape', flags.perShape), limit: countOf('--limit', flags.limit) };
  const config = await context.config();
  const temporal = await temporalClient(context);
  const into = flags.into ?? path.join(config.rootDir, 'histories');
  const recorder = recorderOnDemand(config, flags, context);
  const done: Recording = { recorded: [], skipped: [], refused: [] };
  const query = flags.query ?? `TaskQueue = "${config.taskQueue}"`;
  for await (const run of workflowIds.length > 0 ? named(workflowIds) : found(temporal, query, limits.limit)) {
    try {
      const events = await eventsOfRun(temporal, run);
      const place = await placeFor(events, into, workflowIds.length > 0 ? Infinity : limits.perShape, flags.overwrite);
      if (place.why !== undefined) done.skipped.push({ ...run, why: place.why });
      else done.recorded.push({ ...run, ...(await write(run, events, place.file, await recorder())) });
    } catch (error) {
      if (ofAllRuns.includes(errorFacts(error).code)) throw error;
      done.refused.push({ ...run, error: errorFacts(error) });
    }
  }
  context.terminal.result(done, (columns) => renderRecording(done, columns, `${query}`));
  const nothing = done.recorded.length + done.skipped.length === 0;
  return done.refused.length > 0 || nothing ? exitCodes.failed : exitCodes.ok;
}

/** Where everything is recorded already, nothing is bundled. */
function recorderOnDemand(config: ResolvedConfig, { keep }: RecordFlags, context: CliContext) {
  let opened: Promise<OpenedRecorder> | undefined;
  const open = async (): Promise<OpenedRecorder> => {
    quietRuntime(context);
    const recorder = await openRecorder(config, keep ? { keep } : {});
    context.onClose(() => recorder.close());
    return recorder;
  };
  return (): Promise<OpenedRecorder> => (opened ??= open());
}

function countOf(flag: string, text: string): number {
  if (/^[1-9]\d{0,6}$/.test(text)) return Number(text);
  throw new UsageError(`${flag} ${text} is no number of runs.`, 'Say a whole number from 1.');
}

async function* named(workflowIds: readonly string[]): AsyncGenerator<Run> {
  for (const workflowId of new Set(workflowIds)) yield { workflowId };
}

async function* found(temporal: Client, query: string, limit: number): AsyncGenerator<Run> {
  let seen = 0;
  const runs = temporal.workflow.list({ query })[Symbol.asyncIterator]();
  const next = () =>
    runs.next().catch((error: unknown) => {
      throw refusedQuery(error, query) ?? error;
    });
  for (let run = await next(); !run.done && seen < limit; run = await next(), seen++)
    // Canaries belong to a deploy, not to the pipelines.
    if (canaryOf(run.value.workflowId) === null) yield { workflowId: run.value.workflowId, runId: run.value.runId };
}

/** The history of a run as it is now, whether it has ended or not. */
async function eventsOfRun(temporal: Client, { workflowId, runId }: Run): Promise<EventJson[]> {
  const history = await temporal.workflow.getHandle(workflowId, runId).fetchHistory();
  return (JSON.parse(writeHistory(history)) as { events: EventJson[] }).events;
}

/** Where a history goes, or why it is left out: what is there is kept, unless something else is asked for. */
async function placeFor(events: readonly EventJson[], into: string, perShape: number, overwrite = false) {
  const { folder, name } = historyFile(events);
  const home = path.join(into, folder);
  const there = existsSync(home) ? await readdir(home) : [];
  const [shape, run] = name.replace('.json', '').split('-') as [string, string];
  const ofRun = there.filter((file) => file.endsWith(`-${run}.json`));
  const others = there.filter((file) => file.startsWith(`${shape}-`) && !ofRun.includes(file));
  if (ofRun.length > 0 && !overwrite) return { why: `recorded already, as ${path.join(folder, ofRun[0]!)}` };
  if (others.length >= perShape) return { why: `did what ${path.join(folder, others[0]!)} has` };
  return { file: path.join(home, name), why: undefined };
}

async function write(run: Run, events: readonly EventJson[], file: string, recorder: Recorder) {
  const { text, ...told } = await recordHistory({ workflowId: run.workflowId, events }, recorder);
  await replaceFile(file, text).catch((error: unknown) => {
    const why = error instanceof Error ? error.message : String(error);
    throw new UsageError(`${file} cannot be written: ${why}.`, 'Name another folder with --into.');
  });
  return { ...told, file: path.relative(process.cwd(), file) };
}

/** Whoever is cut off leaves no half of a file, which would be taken for recorded. */
async function replaceFile(file: string, text: string): Promise<void> {
  const home = path.dirname(file);
  await mkdir(home, { recursive: true });
  const draft = `${file}.${process.pid}.draft`;
  await writeFile(draft, text);
  const older = (await readdir(home)).filter((one) => one.endsWith(file.slice(-'-123456.json'.length)));
  for (const one of older) await rm(path.join(home, one), { force: true });
  await rename(draft, file);
}
