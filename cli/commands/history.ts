import type { Command } from 'commander';
import { lazyHistory } from '../lazy';
import { reportHelp } from '../reports/report-help';
import { refuseEmpty } from './refuse-empty';
import type { RunBody } from '../cli-context';

/** How `history record` is called, as written on the command line. */
export interface RecordFlags {
  readonly query?: string;
  readonly into?: string;
  readonly perShape: string;
  readonly limit: string;
  readonly keep?: readonly string[];
  readonly overwrite?: boolean;
}

/** How `history check` is called, as written on the command line. */
export interface CheckHistoriesFlags {
  readonly olderThan: string;
  readonly report?: readonly string[];
  readonly output?: string;
}

const several = (one: string, all: readonly string[] = []): string[] => [...all, one];

/** Declares `history` and its commands. */
export function addHistory(program: Command, run: RunBody): void {
  const history = program
    .command('history')
    .description('recorded runs, which every change of workflow code must replay');
  refuseEmpty(history);
  history
    .command('record')
    .argument('[workflow ids...]', 'the runs, finished or running (default: those that --query finds)')
    .description(
      'write histories of runs as files to keep beside the code, with what they tell of rows, people and machines taken out',
    )
    .option('--query <query>', "which runs, in Temporal's words (default: all of the configuration's task queue)")
    .option('--into <folder>', 'where the files go (default: histories beside the configuration)')
    .option(
      '--per-shape <count>',
      'how many runs of one workflow that did the same are kept, of those that a query finds',
      '1',
    )
    .option('--limit <count>', 'how many runs of a query are looked at, newest first', '1000')
    .option('--keep <field>', 'keep the texts of fields of this name, if they are no secrets; may be repeated', several)
    .option('--overwrite', 'record runs again that have a file')
    .addHelpText(
      'after',
      '\nNothing is written that does not replay as the run does. Exit codes: 0 recorded, 1 a run was refused or none was found.',
    )
    .action((ids: string[], flags: RecordFlags) =>
      run((context) => lazyHistory().recordHistories(ids, flags, context)),
    );
  history
    .command('check')
    .argument('[paths...]', 'files or folders (default: histories beside the configuration)')
    .description(
      'check that recorded histories can be replayed, are of workflows that still exist, and hold nothing that must not be shown',
    )
    .option('--older-than <duration>', 'warn of histories that were recorded longer ago', '180d')
    .option('--report <kind[=path]>', reportHelp, several)
    .option(
      '--output <folder>',
      'where findings.json and the reports go (default: loadline-report, if there is a report)',
    )
    .addHelpText('after', '\nExit codes: 0 good, 1 an error was found, 2 wrong use, 5 there is no history.')
    .action((paths: string[], flags: CheckHistoriesFlags) =>
      run((context) => lazyHistory().checkHistories(paths, flags, context)),
    );
}
