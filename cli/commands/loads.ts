import { InvalidArgumentError, type Command } from 'commander';
import { exitCodes, type ExitCode } from '../exit-code';
import { lazyLoads } from '../lazy';
import type { CliContext, RunBody } from '../cli-context';
import { addAdopt } from './loads-adopt';
import { addArchive } from './loads-archive';
import { addMetrics } from './loads-metrics';
import { addReport } from './loads-report';
import { addSweep } from './loads-sweep';
import { addUndo } from './loads-undo';

/** Which warehouse's ledger. */
export interface WarehouseOption {
  readonly warehouse?: string;
}
interface ListOptions extends WarehouseOption {
  readonly pipeline?: string;
  readonly target?: string;
  readonly limit: number;
}

/** Declares the option of {@link WarehouseOption}. */
export const warehouseFlag = ['--warehouse <name>', 'the warehouse (default: the only one)'] as const;

/** Declares `loads` and its commands. */
export function addLoads(program: Command, run: RunBody): void {
  const loads = program.command('loads').description('what the ledger knows of loads');
  loads
    .command('list')
    .description('the newest loads')
    .option(...warehouseFlag)
    .option('--pipeline <name>', 'of this pipeline only')
    .option('--target <table>', 'into this database.schema.table only')
    .option('--limit <n>', 'how many', limitOf, 20)
    .action((options: ListOptions) => run((context) => list(options, context)));
  loads
    .command('show')
    .argument('<key|id>', 'a load key or a load id')
    .description('one load, with its receipts')
    .option(...warehouseFlag)
    .action((key: string, options: WarehouseOption) => run((context) => show(key, options, context)));
  addMetrics(loads, run);
  addReport(loads, run);
  addUndo(loads, run);
  addAdopt(loads, run);
  addSweep(loads, run);
  addArchive(loads, run);
}

/** Parses `--limit`. */
export function limitOf(text: string): number {
  const limit = Number(text);
  if (Number.isInteger(limit) && limit >= 1 && limit <= 1000) return limit;
  throw new InvalidArgumentError('Give a whole number from 1 to 1000.');
}

async function list({ warehouse, pipeline, target, limit }: ListOptions, context: CliContext): Promise<ExitCode> {
  const filter = {
    limit,
    ...(pipeline === undefined ? {} : { pipeline }),
    ...(target === undefined ? {} : { target }),
  };
  const loads = await (await context.warehouse(warehouse)).list(filter);
  context.terminal.result({ loads }, (columns) => lazyLoads().renderLoads(loads, columns));
  return exitCodes.ok;
}

async function show(key: string, { warehouse }: WarehouseOption, context: CliContext): Promise<ExitCode> {
  const load = await (await context.warehouse(warehouse)).show(key);
  context.terminal.result(load, (columns) => lazyLoads().renderLoad(load, columns));
  return load.state === 'held' ? exitCodes.held : exitCodes.ok;
}
