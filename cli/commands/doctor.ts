import type { Command } from 'commander';
import { lazyDoctor } from '../lazy';
import type { RunBody } from '../cli-context';

/** Declares `doctor`. */
export function addDoctor(program: Command, run: RunBody): void {
  program
    .command('doctor')
    .description('look at everything a load needs, and say what to do about what is missing')
    .option('--fix', 'put right what can be put right safely')
    .action((options: { fix?: boolean }) => run((context) => lazyDoctor().doctor(options.fix === true, context)));
}
