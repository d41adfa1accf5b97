import type { Command } from 'commander';
import { lazyCheck } from '../lazy';
import { reportHelp } from '../reports/report-help';
import { refuseEmpty } from './refuse-empty';
import { sampleOptions, type SampleFlags } from './profile';
import type { RunBody } from '../cli-context';

/** How `check` is called, as written on the command line. */
export interface CheckFlags extends SampleFlags {
  readonly nullText?: string;
  readonly strict?: boolean;
  readonly at?: string;
  readonly skip?: readonly string[];
  readonly report?: readonly string[];
  readonly output?: string;
}

/** Declares `check`. */
export function addCheck(program: Command, run: RunBody): void {
  const several = (one: string, all: readonly string[] = []): string[] => [...all, one];
  const check = program
    .command('check')
    .argument(
      '<contract>',
      'a file such as payments.yml (payments.yml#name, if it holds several), or a name in the configuration',
    )
    .argument('<files...>', 'the files, as they would be loaded together: CSV, TSV, NDJSON or Parquet')
    .description('check files against a contract, without a warehouse and without Temporal')
    .option('--strict', 'warnings fail too')
    .option('--skip <check>', 'leave a check out, by its id such as amount.range or rows; may be repeated', several)
    .option(
      '--at <instant>',
      'the instant that freshness is measured from, such as 2026-11-22T06:00:00Z (default: now)',
    )
    .option('--report <kind[=path]>', reportHelp, several)
    .option(
      '--output <folder>',
      'where findings.json and the reports go (default: loadline-report, if there is a report)',
    )
    .option('--format <format>', 'csv | ndjson | parquet (default: by the ending of the file)')
    .option('--delimiter <character>', 'between the fields of a text file (default: as its ending says)')
    .option('--quote <character>', 'around the fields of a text file (default: ")')
    .option('--null-text <text>', 'what an unquoted field without a value says (default: nothing)')
    .option('--no-header', 'the first line is a row, with the columns in the order of the contract')
    .addHelpText(
      'after',
      '\nValues of rows are never printed nor written. Exit codes: 0 good, 1 a check fails, 2 wrong use.',
    )
    .action((contract: string, files: string[], flags: CheckFlags) =>
      run((context) => lazyCheck().check(contract, files, flags, context, readingOf(flags))),
    );
  refuseEmpty(check, 'nullText', 'quote');
}

/** How the files are read. Commander says that there is a header unless it is told otherwise. */
function readingOf({ nullText, header, ...flags }: CheckFlags): ReturnType<typeof sampleOptions> {
  const { csv, ...options } = sampleOptions({ ...flags, ...(header === false ? { header } : {}) });
  const written = { ...csv, ...(nullText === undefined ? {} : { nullText }) };
  return { ...options, ...(Object.keys(written).length > 0 ? { csv: written } : {}) };
}
