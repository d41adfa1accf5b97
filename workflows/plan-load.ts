import { loadFailure } from './load-error';
import { floorUtc, nextUtc, toInstant, type Interval } from './interval';
import type { DedupOptions, LoadRequest, PartitionRange } from './contract';
import type { TableContract } from './table-contract';

const modes = ['append', 'merge', 'insert-only', 'replace', 'replace-partition'];
const maxPartitions = 10_000;

/** Refuses a request that can never load, before anything is claimed. @throws `InvalidRequest` */
export function checkRequest(request: LoadRequest, contract: TableContract): void {
  const refuse: Refuse = (field, expected, got) => {
    throw loadFailure('InvalidRequest', { object: `${request.pipeline || 'load'}.${field}`, expected, got });
  };
  if (!modes.includes(request.mode)) refuse('mode', modes.join(', '), String(request.mode));
  if (!request.pipeline?.trim() || request.pipeline.length > 200)
    refuse('pipeline', 'a name of 1 to 200 characters', `${request.pipeline?.length ?? 0} characters`);
  if (request.part !== undefined && (request.part === '' || request.part.length > 200))
    refuse('part', '1 to 200 characters', `${request.part.length} characters`);
  if (!request.from || !['files', 'batch'].includes(request.from.kind))
    refuse('from', 'files(store, glob) or a batch', 'neither');
  if (['merge', 'insert-only'].includes(request.mode) && !contract.key?.length) {
    refuse('mode', `a contract with a key, which ${request.mode} compares`, `contract ${contract.name} without a key`);
  }
  if (request.mode === 'replace-partition') checkPartitions(request, contract, refuse);
  if (request.mode === 'append' && request.dedup) checkDedup(request.dedup, contract, refuse);
}

type Refuse = (field: string, expected: string, got: string) => never;

function checkDedup({ by, time }: DedupOptions, { name, columns, key }: TableContract, refuse: Refuse): void {
  const expected = `columns of contract ${name} that are never null (notNull: true, or part of the key)`;
  for (const [field, column] of [...by.map((b) => ['by', b] as const), ['time', time] as const]) {
    if (!Object.hasOwn(columns, column)) refuse(`dedup.${field}`, expected, `no column ${column}`);
    if (!columns[column]!.notNull && !key?.includes(column))
      refuse(`dedup.${field}`, expected, `${column}, which may be`);
  }
  const type = columns[time]!.type;
  if (!['date', 'timestamp', 'timestamptz'].includes(type))
    refuse('dedup.time', 'a date, timestamp or timestamptz column', `${time}, which is ${type}`);
  const json = by.find((b) => columns[b]!.type === 'json');
  if (json) refuse('dedup.by', 'columns whose values can be compared', `${json}, which is json`);
  // Rows that repeat an event would break them, and one that repeats after the window as well.
  if (key?.every((k) => by.includes(k)))
    refuse('dedup.by', 'columns that do not hold the whole key: mode insert-only knows a key for ever', by.join(', '));
  const unique = Object.keys(columns).find((c) => columns[c]!.unique);
  if (unique)
    refuse('dedup', 'a contract without `unique`, which an event that comes again breaks', `unique ${unique}`);
}

function checkPartitions(
  request: Extract<LoadRequest, { mode: 'replace-partition' }>,
  contract: TableContract,
  refuse: Refuse,
): void {
  if (!contract.partition)
    refuse('mode', 'a contract with `partition: { column, by }`', `contract ${contract.name} without one`);
  if (!request.partitions && !request.interval) refuse('partitions', 'an interval, or a list of partitions', 'neither');
  if (request.partitions && request.interval) refuse('partitions', 'an interval or a list of partitions', 'both');
  if (request.partitions?.length === 0) refuse('partitions', 'at least one partition', 'an empty list');
}

/** The ranges of the partition column that a `replace-partition` load replaces, in order. */
export function partitionRanges(
  contract: TableContract,
  interval: Interval | undefined,
  partitions: readonly string[] | undefined,
): PartitionRange[] {
  const by = contract.partition?.by ?? 'day';
  const range = (text: string): PartitionRange => {
    const start = toInstant(text);
    if (floorUtc(start, by) !== start) misaligned(by, text);
    return { start, end: nextUtc(start, by) };
  };
  if (partitions)
    return [...new Set(partitions.map(toInstant))].map(range).sort((a, b) => (a.start < b.start ? -1 : 1));
  const ranges: PartitionRange[] = [];
  for (let at = interval!.start; at < interval!.end; at = ranges.at(-1)!.end) {
    ranges.push(range(at));
    if (ranges.length > maxPartitions) tooMany(by);
  }
  if (ranges.at(-1)!.end !== interval!.end) misaligned(by, interval!.end);
  return ranges;
}

function misaligned(by: string, got: string): never {
  throw loadFailure('InvalidRequest', {
    object: 'partitions',
    expected: `the first instant of a UTC ${by}, because a part of a partition cannot be replaced`,
    got,
  });
}

function tooMany(by: string): never {
  throw loadFailure('InvalidRequest', {
    object: 'partitions',
    expected: `at most ${maxPartitions} partitions in one load`,
    got: `more, by ${by}`,
  });
}
