import type { Command } from 'commander';
import { lazyProvision } from '../lazy';
import { refuseEmpty } from './refuse-empty';
import type { RunBody } from '../cli-context';

/** What both commands take. */
export interface ProvisionFlags {
  readonly warehouse?: string;
  readonly tables?: boolean;
}
/** How `provision plan` is called. */
export interface ProvisionPlanFlags extends ProvisionFlags {
  readonly exitCode?: boolean;
}
/** How `provision apply` is called. */
export interface ProvisionApplyFlags extends ProvisionFlags {
  readonly prune?: boolean;
}

const warehouse = ['--warehouse <name>', 'one warehouse (default: all that have `provision`)'] as const;
const tables = ['--tables', "with the missing tables of contracts with create: 'if-missing'"] as const;

/** Declares `provision plan` and `provision apply`. */
export function addProvision(program: Command, run: RunBody): void {
  const provision = program
    .command('provision')
    .description('make what workers need in a warehouse as its administrator: ledger, schemas, roles and grants');
  refuseEmpty(provision);
  provision
    .command('plan')
    .description('compare the warehouse with what workers need, and change nothing')
    .option(...warehouse)
    .option(...tables)
    .option('--exit-code', 'exit with 1 if they differ, and with 2 if that could not be found out')
    .action((flags: ProvisionPlanFlags) => run((context) => lazyProvision().planCommand(flags, context)));
  provision
    .command('apply')
    .description('make and grant what is missing; done again it changes nothing')
    .option(...warehouse)
    .option(...tables)
    .option('--prune', 'also revoke rights, and hand over tables, that nobody shall have')
    .addHelpText(
      'after',
      '\nConnects as `provision.admin` of the configuration. Of several at once one waits for the other.',
    )
    .action((flags: ProvisionApplyFlags) => run((context) => lazyProvision().applyCommand(flags, context)));
}
