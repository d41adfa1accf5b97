import type { Command } from 'commander';
import { lazyDev, lazyServe } from '../lazy';
import { keepYoungGenerationSmall } from '../young-generation';
import type { RunBody } from '../cli-context';

/** Declares `worker`. */
export function addWorker(program: Command, run: RunBody): void {
  program
    .command('worker')
    .description('do the work of loads until SIGTERM or Ctrl-C; what is under way is finished or handed over')
    .action(() => {
      // Before the modules are imported: they are what makes it grow.
      keepYoungGenerationSmall();
      return run((context) => lazyServe().serve(context));
    });
}

/** Declares `dev`. */
export function addDev(program: Command, run: RunBody): void {
  program
    .command('dev')
    .description(
      'start Temporal, PostgreSQL where none is configured, and a worker that follows changes; Ctrl-C stops them',
    )
    .action(() => run((context) => lazyDev().dev(context)));
}
