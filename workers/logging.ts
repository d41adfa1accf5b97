import { DefaultLogger, Runtime, type LogEntry, type LogLevel } from '@temporalio/worker';

/** Options of {@link installLogging}. */
export interface LoggingOptions {
  /** @default 'INFO' */
  readonly level?: LogLevel;
  /** One JSON object a line, for a log collector, or a line a person reads. @default json unless stderr is a terminal */
  readonly format?: 'json' | 'text';
  /** @default process.stderr */
  readonly write?: (line: string) => void;
}

const shown = ['workflowId', 'activityType', 'attempt', 'outcome', 'error'] as const;

/**
 * Sends Temporal's and Loadline's log to stderr, one line an entry. Once per process, before the first worker.
 *
 * @throws `IllegalStateError` of the SDK when a runtime is installed already
 */
export function installLogging(options: LoggingOptions = {}): void {
  const { level = 'INFO', write = (line) => process.stderr.write(`${line}\n`) } = options;
  const format = options.format ?? (process.stderr.isTTY ? 'text' : 'json');
  const logger = new DefaultLogger(level, (entry) => write(format === 'json' ? jsonLine(entry) : textLine(entry)));
  Runtime.install({
    logger,
    telemetryOptions: { logging: { filter: { core: 'WARN', other: 'WARN' }, forward: {} } },
  });
}

function textLine({ level, message, timestampNanos, meta }: LogEntry): string {
  const time = timeOf(timestampNanos).slice(11, 19);
  const error = reasonOf(meta);
  const at = meta?.['workflowId'] ? `  (${String(meta['workflowId'])})` : '';
  return `${time} ${level.padEnd(5)} ${message}${error ? `: ${error}` : ''}${at}`;
}

function jsonLine({ level, message, timestampNanos, meta }: LogEntry): string {
  const fields = Object.fromEntries(
    shown.filter((name) => meta?.[name] !== undefined).map((name) => [name, meta?.[name]]),
  );
  const error = reasonOf(meta);
  return JSON.stringify({ time: timeOf(timestampNanos), level, message, ...fields, ...(error && { error }) });
}

const timeOf = (nanos: bigint): string => new Date(Number(nanos / 1_000_000n)).toISOString();

/** Core tells the failure of a workflow task as the text of a structure. */
function reasonOf(meta: LogEntry['meta']): string {
  const failure = meta?.['failure'];
  const told = typeof failure === 'string' ? /message: "((?:[^"\\]|\\.)*)"/.exec(failure)?.[1] : undefined;
  return told ?? errorText(meta?.['error']);
}

/** The innermost message: Temporal wraps a failure in several others that say nothing. */
function errorText(error: unknown): string {
  let at = error;
  while (isError(at) && isError(at.cause)) at = at.cause;
  return isError(at) ? at.message : '';
}

/** By shape: what workflow code throws is no instance of this realm's Error. */
const isError = (value: unknown): value is Error => typeof value === 'object' && value !== null && 'message' in value;
