import { hostname, userInfo } from 'node:os';
import type { Command } from 'commander';
import { exitCodes, type ExitCode } from '../exit-code';
import { lazyLoads } from '../lazy';
import { UsageError } from '../usage-error';
import type { SignedBy } from '../../activities/warehouses/warehouse';
import type { CliContext, RunBody } from '../cli-context';
import { warehouseFlag, type WarehouseOption } from './loads';

interface AbandonOptions extends WarehouseOption {
  readonly yes?: boolean;
}
/** Options of what is written into the ledger by hand. */
export interface SignedOptions {
  readonly reason?: string;
  readonly by?: string;
  readonly yes?: boolean;
}

/** Declares `loads abandon` and `loads rollback`. */
export function addUndo(loads: Command, run: RunBody): void {
  loads
    .command('abandon')
    .argument('<key>', 'a load key')
    .description('make sure that no attempt of a load can publish any more')
    .option(...warehouseFlag)
    .option('--yes', 'do not ask')
    .action((key: string, options: AbandonOptions) => run((context) => abandon(key, options, context)));
  const rollback = loads
    .command('rollback')
    .argument('<key|id>', 'a load key or a load id')
    .description('undo an applied load of append, replace or replace-partition: the table is what it was before')
    .option(...warehouseFlag);
  addSignedOptions(rollback).action((key: string, options: WarehouseOption & SignedOptions) =>
    run((context) => rollBack(key, options, context)),
  );
}

/** Declares who and why. */
export function addSignedOptions(command: Command): Command {
  return command
    .option('--reason <text>', 'why; kept in the ledger')
    .option('--by <name>', 'who; kept in the ledger (default: the user of this machine)')
    .option('--yes', 'do not ask');
}

/** Who and why, as the ledger keeps it. @throws `UsageError` */
export function signedBy({ reason, by }: SignedOptions): SignedBy {
  if (!reason?.trim()) throw new UsageError('No reason was given.', "Add --reason 'why'; the ledger keeps it.");
  const long = [reason, by ?? ''].some((text) => text.length > 500 || /\p{Cc}/u.test(text));
  if (long) throw new UsageError('--reason and --by take one line of up to 500 characters.', 'Shorten it.');
  return { by: by?.trim() || `${userName()}@${hostname()}`, reason: reason.trim() };
}

/** A container may run as a number that has no name. */
function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return `uid ${process.getuid?.() ?? 'unknown'}`;
  }
}

/** @throws `UsageError` unless a person agrees, or has agreed before */
export async function agree(
  question: string,
  undone: string,
  yes: boolean | undefined,
  context: CliContext,
): Promise<void> {
  if (!yes && !(await context.confirm(question))) throw new UsageError(undone, 'Confirm, or add --yes.');
}

async function abandon(key: string, { warehouse, yes }: AbandonOptions, context: CliContext): Promise<ExitCode> {
  const adapter = await context.warehouse(warehouse);
  await agree(`Abandon ${key}? Its attempts will not publish any more.`, 'The load was not abandoned.', yes, context);
  await adapter.abandon(key);
  context.terminal.result({ abandoned: key }, () => `✓ abandoned  ${key}`);
  return exitCodes.ok;
}

async function rollBack(
  key: string,
  { warehouse, yes, ...signed }: WarehouseOption & SignedOptions,
  context: CliContext,
): Promise<ExitCode> {
  const by = signedBy(signed);
  const adapter = await context.warehouse(warehouse);
  await agree(
    `Roll back ${key}? Its rows will be taken out of the table.`,
    'The load was not rolled back.',
    yes,
    context,
  );
  const receipt = await adapter.rollback(key, by);
  context.terminal.result(receipt, (columns) => lazyLoads().renderRollback(receipt, columns));
  return exitCodes.ok;
}
