import { existsSync } from 'node:fs';
import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { historyFile, openRecorder, recordHistory, type EventJson, type OpenedRecorder, type RecordedHistory, type Recorder } from '../workers/history'; // prettier-ignore
import { writeHistory } from '../workers/replay';
import { quietRuntime } from './replay/quiet-runtime';
import { exitCodes, type ExitCode } from './exit-code';
import { plural } from './format';
import { errorFacts, type ErrorFacts } from './print-error';
import { fields, hang, paint } from './terminal';
import { UsageError } from './usage-error';
import type { ResolvedConfig } from '../workers/config';
import type { CliContext } from './cli-context';
import type { RecordFlags } from './commands/history';

interface Run {
  readonly workflowId: string;
  readonly runId?: string;
}
interface Recorded extends Omit<RecordedHistory, 'text'>, Run {
  readonly file: string;
}
interface Recording {
  readonly recorded: Recorded[];
  readonly skipped: (Run & { readonly why: string })[];
  readonly refused: (Run & { readonly error: ErrorFacts })[];
}

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
  const { temporal } = await context.client();
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
      done.refused.push({ ...run, error: errorFacts(error) });
    }
  }
  context.terminal.result(done, (columns) => renderRecording(done, columns));
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

type Temporal = Awaited<ReturnType<CliContext['client']>>['temporal'];

async function* found(temporal: Temporal, query: string, limit: number): AsyncGenerator<Run> {
  let seen = 0;
  for await (const { workflowId, runId } of temporal.workflow.list({ query })) {
    if (++seen > limit) return;
    yield { workflowId, runId };
  }
}

/** The history of a run as it is now, whether it has ended or not. */
async function eventsOfRun(temporal: Temporal, { workflowId, runId }: Run): Promise<EventJson[]> {
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
  const home = path.dirname(file);
  await mkdir(home, { recursive: true });
  const older = (await readdir(home)).filter((one) => one.endsWith(file.slice(-'-123456.json'.length)));
  for (const one of older) await rm(path.join(home, one));
  await writeFile(file, text);
  return { ...told, file: path.relative(process.cwd(), file) };
}

function renderRecording({ recorded, skipped, refused }: Recording, columns: number): string {
  const lines = recorded.map(({ file, events, redacted, needed }) =>
    [
      `${paint.green('✓')} ${paint.bold(file)}  ${paint.dim(`${plural(events, 'event')}, ${plural(redacted, 'text')} redacted`)}`,
      ...(needed.length > 0
        ? [
            hang(
              `  ${paint.yellow('!')} `,
              `kept, since the workflow decides by it: ${needed.map((n) => n || 'an argument').join(', ')}`,
              columns,
            ),
          ]
        : []),
    ].join('\n'),
  );
  const refusals = refused.map(({ workflowId, error: { code, what, expected, got, remedy } }) =>
    [
      hang(`${paint.red('✗')} `, `${paint.bold(workflowId)}  ${paint.red(code)}  ${what}`, columns),
      fields(
        [
          ['expected', expected],
          ['got', got],
        ],
        '  ',
        columns,
      ),
      hang(`${paint.cyan('→')} `, remedy, columns),
    ].join('\n'),
  );
  const left =
    skipped.length > 0
      ? [paint.dim(`${plural(skipped.length, 'run')} left out: recorded already, or did the same as one that is`)]
      : [];
  const none = [paint.red('✗ no run was found')];
  const all = [...lines, ...left, ...refusals];
  return (all.length > 0 ? all : none).join('\n');
}
