import { day, interval, month, type Interval } from '../workflows/interval';
import { loadFailure } from '../workflows/load-error';
import { didYouMean } from '../activities/contracts/did-you-mean';
import { givenRequestOptions, modes, type RequestOptions } from './request-options';
import { UsageError } from './usage-error';
import type { DedupOptions, FilesSource, LoadCommon, LoadMode, LoadRequest } from '../workflows/contract';
import type { AdoptRequest } from '../activities/adopt-load';
import type { ResolvedConfig } from '../workers/config';

type Known = Pick<ResolvedConfig, 'contracts' | 'stores'>;

/**
 * Turns options into a request to load.
 *
 * @throws `UsageError`, `UnknownContract`, `UnknownStore`, `InvalidRequest`
 */
export function requestOf(options: RequestOptions, config: Known): LoadRequest {
  return { ...unsourcedOf(options, config), from: sourceOf(options, config) } as LoadRequest;
}

const meaningless: readonly string[] = [
  ...['--on-changed', '--allow-empty', '--allow-out-of-order', '--dedup-by', '--dedup-time', '--dedup-window'],
];

/**
 * Turns options into a load to adopt: that which `run` would do by the same options.
 *
 * @throws `UsageError`, `UnknownContract`, `UnknownStore`, `InvalidRequest`
 */
export function adoptRequestOf(options: RequestOptions, config: Known): AdoptRequest {
  const given = givenRequestOptions(options);
  const reading = options.from === undefined ? ['--format', '--delimiter'] : [];
  const wrong = given.find((option) => meaningless.includes(option) || reading.includes(option));
  if (wrong !== undefined)
    throw new UsageError(
      `${wrong} means nothing here.`,
      reading.includes(wrong) ? 'Add --from, or leave it out.' : 'Leave it out: nothing is loaded.',
    );
  const unsourced = unsourcedOf(options, config);
  return { ...unsourced, ...(options.from === undefined ? {} : { from: sourceOf(options, config) }) } as AdoptRequest;
}

function unsourcedOf(options: RequestOptions, config: Known): Omit<LoadCommon, 'from'> & { mode: LoadMode } {
  const into = contractOf(options, config);
  const span = intervalOf(options);
  return {
    pipeline: options.pipeline ?? into,
    into,
    ...(span === undefined ? {} : { interval: span }),
    ...(options.part === undefined ? {} : { part: options.part }),
    ...(options.onChanged === undefined
      ? {}
      : { onChanged: oneOf('--on-changed', options.onChanged, ['refuse', 'reprocess']) }),
    ...modeFields(options),
  };
}

function contractOf({ load }: RequestOptions, { contracts }: Known): string {
  const names = [...contracts.keys()];
  if (load === undefined)
    throw new UsageError(
      'No contract to load was named.',
      `Add --load <contract>: ${names.join(', ') || 'the configuration has none yet'}.`,
    );
  if (contracts.has(load)) return load;
  throw loadFailure('UnknownContract', { object: load, remedy: didYouMean(load, names) });
}

function sourceOf({ from, format, delimiter }: RequestOptions, { stores }: Known): FilesSource {
  const names = [...stores.keys()];
  const [, store, glob] = /^([A-Za-z0-9_-]+):(.+)$/.exec(from ?? '') ?? [];
  if (store === undefined || glob === undefined) {
    const problem = from === undefined ? 'Nothing to load from was named.' : `--from ${from} is no <store>:<glob>.`;
    throw new UsageError(
      problem,
      `Add --from ${names[0] ?? '<store>'}:'path/*.csv', relative to the root of the store.`,
    );
  }
  if (!stores.has(store)) throw loadFailure('UnknownStore', { object: store, remedy: didYouMean(store, names) });
  return {
    kind: 'files',
    store,
    glob,
    ...(format === undefined ? {} : { format: oneOf('--format', format, ['csv', 'ndjson', 'parquet']) }),
    ...(delimiter === undefined ? {} : { csv: { delimiter: delimiter === '\\t' ? '\t' : delimiter } }),
  };
}

function intervalOf(options: RequestOptions): Interval | undefined {
  const given = (['interval', 'day', 'month'] as const).filter((name) => options[name] !== undefined);
  if (given.length > 1) throw new UsageError(`--${given.join(' and --')} were both given.`, 'Give one of them.');
  if (options.day !== undefined) return day(options.day);
  if (options.month !== undefined) return month(options.month);
  if (options.interval === undefined) return undefined;
  const [start, end, ...more] = options.interval.split('..');
  if (start && end && more.length === 0) return interval(start, end);
  throw new UsageError(
    `--interval ${options.interval} is no <start>..<end>.`,
    'Write --interval 2026-11-01..2026-12-01; the end is not in it.',
  );
}

function modeFields(options: RequestOptions): { mode: LoadMode } {
  const { mode: written, partitions, allowEmpty, allowOutOfOrder } = options;
  if (written === undefined) throw new UsageError('No mode was given.', `Add --mode ${modes.join(' | ')}.`);
  const mode = oneOf('--mode', written, modes);
  onlyFor('--partitions', partitions !== undefined, mode, ['replace-partition']);
  onlyFor('--allow-empty', allowEmpty === true, mode, ['replace', 'replace-partition']);
  onlyFor('--allow-out-of-order', allowOutOfOrder === true, mode, ['merge', 'replace']);
  const dedup = dedupOf(options);
  onlyFor('--dedup-by', dedup !== undefined, mode, ['append']);
  return {
    mode,
    ...(partitions === undefined ? {} : { partitions: listOf(partitions) }),
    ...(dedup === undefined ? {} : { dedup }),
    ...(allowEmpty ? { allowEmpty: true } : {}),
    ...(allowOutOfOrder ? { outOfOrder: 'allow' } : {}),
  };
}

function dedupOf({ dedupBy: by, dedupTime: time, dedupWindow: window }: RequestOptions): DedupOptions | undefined {
  if (by !== undefined && time !== undefined && window !== undefined) return { by: listOf(by), time, window };
  if (by === undefined && time === undefined && window === undefined) return undefined;
  throw new UsageError(
    'Only some of --dedup-by, --dedup-time and --dedup-window were given.',
    'Give all three, such as --dedup-by event_id --dedup-time occurred_at --dedup-window "7 days".',
  );
}

const listOf = (text: string): string[] =>
  text
    .split(',')
    .map((part) => part.trim())
    .filter(Boolean);

function onlyFor(option: string, given: boolean, mode: LoadMode, fitting: readonly LoadMode[]): void {
  if (given && !fitting.includes(mode)) {
    throw new UsageError(
      `${option} means nothing in mode ${mode}.`,
      `Leave it out; it belongs to ${fitting.join(' and ')}.`,
    );
  }
}

function oneOf<T extends string>(option: string, value: string, accepted: readonly T[]): T {
  const found = accepted.find((candidate) => candidate === value);
  if (found !== undefined) return found;
  throw new UsageError(`${option} ${value} is unknown.`, didYouMean(value, accepted));
}
