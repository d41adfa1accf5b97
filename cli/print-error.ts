import { loadErrors } from '../workflows/load-error-code';
import { exitCodeOfError, type ExitCode } from './exit-code';
import { fields, hang, paint, type Terminal } from './terminal';
import { UsageError } from './usage-error';
import type { LoadFailure } from '../workflows/load-error';

/** What is told of an error, whatever it was. */
export interface ErrorFacts {
  /** A `LoadErrorCode`, or `Usage`. */
  readonly code: string;
  /** What failed, as a sentence. */
  readonly what: string;
  readonly object?: string;
  readonly expected?: string;
  readonly got?: string;
  readonly loadKey?: string;
  /** What to do. */
  readonly remedy: string;
}

/** An error that another process has told the facts of. */
export class FailedElsewhere extends Error {
  override readonly name = 'FailedElsewhere';
  constructor(readonly facts: ErrorFacts) {
    super(facts.what);
  }
}

/** Prints an error and returns the exit code it stands for. With `--json`, an object on stdout. */
export function printError(error: unknown, terminal: Terminal): ExitCode {
  const facts = errorFacts(error);
  if (terminal.json) terminal.result({ error: facts }, () => '');
  else terminal.note(renderError(facts, terminal.columns));
  if (terminal.verbose || process.env['LOADLINE_DEBUG'] === '1') terminal.note(stackOf(error));
  return exitCodeOfError(facts.code);
}

/** An error as text: code and sentence, the object, expected and got, and last what to do. */
export function renderError(facts: ErrorFacts, columns = Infinity): string {
  const { code, what, object, expected, got, loadKey, remedy } = facts;
  const more = Object.hasOwn(loadErrors, code) ? `loadline explain ${code}` : undefined;
  const known = fields([['on', object], ['expected', expected], ['got', got], ['load key', loadKey], ['more', more]], '  ', columns); // prettier-ignore
  const head = hang(`${paint.red('✗')} `, `${paint.bold(paint.red(code))}  ${what}`, columns);
  return [head, ...(known ? [known] : []), hang(`${paint.cyan('→')} `, remedy, columns)].join('\n');
}

/** The facts of any error. */
export function errorFacts(error: unknown): ErrorFacts {
  if (error instanceof FailedElsewhere) return error.facts;
  if (error instanceof UsageError) return { code: 'Usage', what: error.message, remedy: error.remedy };
  const failure = layersOf(error).find(isFailure);
  if (failure) return failureFacts(failure);
  const cancelled = layersOf(error).some(({ name }) => name === 'CancelledFailure');
  if (cancelled)
    return { code: 'LoadCancelled', what: loadErrors.LoadCancelled.meaning, remedy: loadErrors.LoadCancelled.remedy };
  return foreignFacts(error);
}

function failureFacts(failure: LoadFailure): ErrorFacts {
  const code = failure.type;
  const { meaning, remedy } = loadErrors[code];
  const [details] = failure.details as readonly unknown[] as readonly [Partial<ErrorFacts>?];
  const { object, expected, got, loadKey } = details ?? {};
  const told = object === undefined ? undefined : failure.message.split(` [${object}]`)[0];
  return {
    code,
    what: told || meaning,
    ...(object === undefined ? {} : { object }),
    ...(expected === undefined ? {} : { expected }),
    ...(got === undefined ? {} : { got }),
    ...(loadKey === undefined ? {} : { loadKey }),
    remedy: `${details?.remedy ?? remedy}${code === 'SecretMissing' ? ' While `loadline dev` runs, it sets the one of the database.' : ''}`,
  };
}

/** Errors that are not ours: the innermost one says what happened. */
function foreignFacts(error: unknown): ErrorFacts {
  const layers = layersOf(error);
  const [outer, inner] = [layers[0], layers.at(-1)];
  const what = inner?.message?.split('\n')[0] || String(error);
  const [, quoted, bare] = /Namespace (?:not found: '(.+)'|(\S+) is not found)/.exec(what) ?? [];
  const namespace = quoted ?? bare;
  if (namespace !== undefined) return unknownNamespace(namespace);
  const workflowId = /workflow not found for ID: (.*)/.exec(what)?.[1];
  if (workflowId !== undefined) return unknownRun(workflowId);
  const terminated = layers.some(({ name }) => name === 'TerminatedFailure');
  const remedy = terminated
    ? 'Start it again: what was published stays, what was not is loaded.'
    : 'Run again with --verbose for the stack; report it if Loadline should know this error.';
  const object = outer !== inner && outer?.name ? { object: outer.name } : {};
  return { code: 'Unexpected', what, ...object, remedy };
}

function unknownNamespace(namespace: string): ErrorFacts {
  const remedy = `Correct --namespace, or run: temporal operator namespace create --namespace ${namespace}`;
  return { code: 'TemporalUnreachable', what: 'The Temporal server has no such namespace.', object: namespace, remedy };
}

const unknownRun = (object: string): ErrorFacts => ({
  code: 'Unexpected',
  what: 'The Temporal server knows no such run.',
  object,
  remedy: 'Correct the workflow id or --namespace; a run that ended long ago may be kept no longer.',
});

type Layer = { readonly name?: string; readonly message?: string; readonly stack?: string; readonly cause?: unknown };

function layersOf(error: unknown): Layer[] {
  const layers: Layer[] = [];
  for (let at = error; typeof at === 'object' && at !== null && layers.length < 20; at = (at as Layer).cause)
    layers.push(at);
  return layers;
}

function isFailure(layer: Layer): layer is LoadFailure {
  const { type, details } = layer as Partial<LoadFailure>;
  return typeof type === 'string' && Object.hasOwn(loadErrors, type) && Array.isArray(details);
}

function stackOf(error: unknown): string {
  return (
    layersOf(error)
      .map(({ stack, message }) => stack ?? message ?? '')
      .join('\ncaused by ') || String(error)
  );
}
