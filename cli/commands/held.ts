import type { Command } from 'commander';
import { exitCodes, type ExitCode } from '../exit-code';
import { lazyHeld } from '../lazy';
import type { LoadVerdict } from '../../workflows/contract';
import type { CliContext, RunBody } from '../cli-context';
import { warehouseFlag, type WarehouseOption } from './loads';
import { signedBy, type SignedOptions } from './loads-undo';

type VerdictOptions = WarehouseOption & Pick<SignedOptions, 'by' | 'reason'>;

const verdicts: Readonly<Record<LoadVerdict, string>> = {
  release: 'publish all rows of a held load, although checks failed',
  quarantine: 'set the rows aside that break a check, and publish the others',
  reject: 'publish nothing, and close the key until a load asks to reprocess it',
};

/** Declares `held` and its commands. */
export function addHeld(program: Command, run: RunBody): void {
  const held = program.command('held').description('loads whose contract failed, which wait for a verdict');
  held
    .command('list')
    .description('what waits, newest first')
    .option(...warehouseFlag)
    .action((options: WarehouseOption) => run((context) => list(options, context)));
  held
    .command('show')
    .argument('<key|workflow>', 'a load key or a workflow id')
    .description('one held load: what failed, until when it waits, and how to decide')
    .option(...warehouseFlag)
    .action((key: string, options: WarehouseOption) => run((context) => show(key, options, context)));
  for (const [verdict, description] of Object.entries(verdicts) as [LoadVerdict, string][]) {
    held
      .command(verdict)
      .argument('<key|workflow>', 'a load key or a workflow id')
      .description(description)
      .option(...warehouseFlag)
      .option('--reason <text>', 'why; kept in history and ledger')
      .option('--by <name>', 'who; kept in history and ledger (default: the user of this machine)')
      .action((key: string, options: VerdictOptions) => run((context) => decide(verdict, key, options, context)));
  }
}

async function list({ warehouse }: WarehouseOption, context: CliContext): Promise<ExitCode> {
  const adapter = await context.warehouse(warehouse);
  const held = await lazyHeld().waitingLoads(adapter);
  context.terminal.result({ held }, (columns) => lazyHeld().renderWaiting(held, columns));
  return exitCodes.ok;
}

async function show(key: string, { warehouse }: WarehouseOption, context: CliContext): Promise<ExitCode> {
  const load = await lazyHeld().waitingIn([await context.warehouse(warehouse)], key);
  context.terminal.result(load, (columns) => lazyHeld().renderHeld(load.held, columns));
  return exitCodes.held;
}

async function decide(
  verdict: LoadVerdict,
  key: string,
  { warehouse, ...signed }: VerdictOptions,
  context: CliContext,
): Promise<ExitCode> {
  const by = signedBy(signed);
  const { taskQueue } = await context.config();
  const load = await lazyHeld().waitingIn([await context.warehouse(warehouse)], key);
  const { temporal } = await context.client();
  await lazyHeld().requireWorker(temporal, taskQueue);
  const given = await lazyHeld().decideLoad(temporal, load, verdict, by);
  context.terminal.result(given, (columns) => lazyHeld().renderGiven(given, columns));
  return exitCodes.ok;
}
