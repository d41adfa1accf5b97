import type { Command } from 'commander';
import type { LoadMode } from '../workflows/contract';

/** The modes of a load, as `--mode` takes them. */
export const modes: readonly LoadMode[] = ['append', 'merge', 'insert-only', 'replace', 'replace-partition'];

/** The options that make a request to load, as written on the command line. */
export interface RequestOptions {
  readonly load?: string;
  readonly from?: string;
  readonly mode?: string;
  readonly interval?: string;
  readonly day?: string;
  readonly month?: string;
  readonly partitions?: string;
  readonly part?: string;
  readonly onChanged?: string;
  readonly pipeline?: string;
  readonly dedupBy?: string;
  readonly dedupTime?: string;
  readonly dedupWindow?: string;
  readonly allowEmpty?: boolean;
  readonly allowOutOfOrder?: boolean;
  readonly format?: string;
  readonly delimiter?: string;
}

/** Declares the options of a request. */
export function addRequestOptions(command: Command): Command {
  return command
    .option('--load <contract>', 'load the table of this contract')
    .option('--from <store:glob>', "the files to load, such as raw:'orders/2026-11-22/*.csv'")
    .option('--mode <mode>', modes.join(' | '))
    .option(
      '--interval <start..end>',
      'the time span that the load covers, as ISO dates or instants; the end is not in it',
    )
    .option('--day <date>', 'the UTC day that the load covers, such as 2026-11-22')
    .option('--month <month>', 'the UTC month that the load covers, such as 2026-11')
    .option('--partitions <list>', 'the first instants of the partitions to replace, separated by commas')
    .option('--part <name>', 'tells several loads of one table in one interval apart')
    .option('--on-changed <what>', 'refuse | reprocess: when the key is loaded and the source now holds other content')
    .option('--pipeline <name>', 'the name in the load key (default: the name of the contract)')
    .option(
      '--dedup-by <columns>',
      'append: leave out rows that repeat an event, by these columns, separated by commas',
    )
    .option('--dedup-time <column>', 'append: when an event happened')
    .option('--dedup-window <duration>', 'append: how far apart two rows of one event may be, such as "7 days"')
    .option('--allow-empty', 'let an empty batch empty the table or the partition')
    .option('--allow-out-of-order', 'publish although a newer interval is in the table already')
    .option('--format <format>', 'csv | ndjson | parquet (default: by the ending of the file)')
    .option('--delimiter <character>', 'between the fields of a CSV file (default: ,)');
}

/** The options of a request that were given, by their names on the command line. */
export function givenRequestOptions(options: RequestOptions): string[] {
  const names: readonly (keyof RequestOptions)[] = [
    'load', 'from', 'mode', 'interval', 'day', 'month', 'partitions', 'part', 'onChanged', 'pipeline',
    'dedupBy', 'dedupTime', 'dedupWindow', 'allowEmpty', 'allowOutOfOrder', 'format', 'delimiter',
  ]; // prettier-ignore
  const given = names.filter((name) => options[name] !== undefined);
  return given.map((name) => `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`);
}
