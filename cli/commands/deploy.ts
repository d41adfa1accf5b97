import type { Command } from 'commander';
import { lazyDeploy } from '../lazy';
import { reportHelp } from '../reports/report-help';
import { refuseEmpty } from './refuse-empty';
import type { RunBody } from '../cli-context';

/** How `deploy` is called, as written on the command line. */
export interface DeployFlags {
  readonly buildId?: string;
  readonly ramp?: string;
  readonly observe?: string;
  readonly minRuns?: string;
  readonly maxFailureRate?: string;
  readonly wait?: string;
  /** Commander says that there is one unless it is told otherwise. */
  readonly canary: boolean;
  readonly canaryTimeout?: string;
  readonly bundles?: string;
  readonly requireBackwardReplay?: boolean;
  readonly report?: readonly string[];
  readonly output?: string;
}

/** How `rollback` is called. */
export interface RollbackFlags {
  readonly buildId?: string;
  readonly bundles?: string;
  readonly wait?: string;
  readonly yes?: boolean;
  readonly report?: readonly string[];
  readonly output?: string;
}

const several = (one: string, all: readonly string[] = []): string[] => [...all, one];
const reportFlag = ['--report <kind[=path]>', reportHelp, several] as const;
const outputFlag = [
  '--output <folder>',
  'where findings.json and the reports go (default: loadline-report, if there is a report)',
] as const;
const bundlesFlag = ['--bundles <folder>', 'workflow bundles by build, as <build id>.js'] as const;

/** Declares `deploy` and `deploy status`. */
export function addDeploy(program: Command, run: RunBody): void {
  const deploy = program
    .command('deploy')
    .description('bring in a build whose workers are running: canary, ramp, promotion; go on if it was begun')
    .option('--build-id <id>', 'the build (default: that of the configuration, or LOADLINE_BUILD_ID)')
    .option('--ramp <shares>', 'shares of new runs in percent, or none (default: 10,50)')
    .option('--observe <duration>', 'how long each share is observed (default: 10m)')
    .option('--min-runs <n>', 'how many runs must have finished on the build before it gets all (default: 5)')
    .option(
      '--max-failure-rate <share>',
      'failed runs that are too many, unless the current build has as many (default: 0.05)',
    ) // prettier-ignore
    .option('--wait <duration>', 'how long to wait for workers of the build (default: 5m)')
    .option('--no-canary', 'do not load a fixture into scratch tables first')
    .option('--canary-timeout <duration>', 'how long the canary may take (default: 10m)')
    .option(...bundlesFlag)
    .option('--require-backward-replay', 'fail unless the current build replays the canary')
    .option(...reportFlag)
    .option(...outputFlag)
    .addHelpText(
      'after',
      '\nAll state is the server\'s: killed, and run again, it goes on. Exit codes: 0 current, 1 a gate fails, 2 wrong use, 5 insufficient evidence, 130 stopped by Ctrl-C.', // prettier-ignore
    )
    .action((flags: DeployFlags) => run((context) => lazyDeploy().runDeploy(flags, context)));
  refuseEmpty(deploy);
  deploy
    .command('status')
    .description('which builds there are, where new runs go, and how many runs are open on each')
    .action(() => run((context) => lazyDeploy().showStatus(context)));
}

/** Declares `rollback`. */
export function addRollback(program: Command, run: RunBody): void {
  const rollback = program
    .command('rollback')
    .description('have new runs go where they went before: take back a ramp, or the last promotion')
    .option('--build-id <id>', 'the build to go back to (default: the one before)')
    .option(...bundlesFlag)
    .option('--wait <duration>', 'how long to wait for workers of the old build (default: 30s)')
    .option('--yes', 'do not ask')
    .option(...reportFlag)
    .option(...outputFlag)
    .action((flags: RollbackFlags) => run((context) => lazyDeploy().runRollback(flags, context)));
  refuseEmpty(rollback);
}
