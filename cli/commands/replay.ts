import type { Command } from 'commander';
import { lazyReplay } from '../lazy';
import { reportHelp } from '../reports/report-help';
import { refuseEmpty } from './refuse-empty';
import { UsageError } from '../usage-error';
import type { RunBody } from '../cli-context';

/** How `replay` is called, as written on the command line. */
export interface ReplayFlags {
  readonly query?: string;
  readonly server?: boolean;
  readonly since: string;
  readonly perShape: number;
  readonly allowNone?: boolean;
  readonly acknowledged?: string;
  readonly report?: readonly string[];
  readonly output?: string;
}

/** Declares `replay` and `bundle`. */
export function addReplay(program: Command, run: RunBody): void {
  const several = (one: string, all: readonly string[] = []): string[] => [...all, one];
  const replay = program
    .command('replay')
    .argument(
      '[paths...]',
      'histories, or folders of them (default: histories/ beside the configuration, if it exists)',
    )
    .description('replay histories against the workflows as they are now: does the code still fit what runs?')
    .option('--server', 'histories of the server too: open runs of the task queue, and those that closed lately')
    .option('--no-server', 'files only')
    .option('--query <query>', 'histories of the server, by a query of your own')
    .option('--since <duration>', 'how long ago runs may have closed, without --query', '7d')
    .option('--per-shape <n>', 'how many histories of one shape are taken from the server, the newest', perShape, 3)
    .option('--allow-none', 'no history at all is no failure')
    .option(
      '--acknowledged <file>',
      'changes of load keys that are meant (default: replay-acknowledged.yml beside the configuration)',
    )
    .option('--report <kind[=path]>', reportHelp, several)
    .option(
      '--output <folder>',
      'where findings.json and the reports go (default: loadline-report, if there is a report)',
    )
    .addHelpText(
      'after',
      '\nValues of rows are never printed nor written. Exit codes: 0 fits, 1 does not, or could not be judged, 2 wrong use, 5 no history.',
    )
    .action((paths: string[], flags: ReplayFlags) => run((context) => lazyReplay().replay(paths, flags, context)));
  const bundle = program
    .command('bundle')
    .requiredOption('--output <file>', 'where the bundle goes')
    .description('write the workflows as a worker runs them, in one file')
    .action((flags: { readonly output: string }) => run((context) => lazyReplay().bundle(flags.output, context)));
  for (const command of [replay, bundle]) refuseEmpty(command);
}

function perShape(text: string): number {
  const value = Number(text);
  if (Number.isSafeInteger(value) && value >= 1 && value <= 1000) return value;
  throw new UsageError(`--per-shape ${text} is no number from 1 to 1000.`, 'Say such as --per-shape 3.');
}
