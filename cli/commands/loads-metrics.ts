import type { Command } from 'commander';
import { endOfIdentity, parseTableName } from '../../activities/contracts/table-name';
import { exitCodes, type ExitCode } from '../exit-code';
import { lazyMetrics } from '../lazy';
import { limitOf, warehouseFlag, type WarehouseOption } from './loads';
import type { CliContext, RunBody } from '../cli-context';

interface MetricsOptions extends WarehouseOption {
  readonly limit: number;
}

/** Declares `loads metrics`. */
export function addMetrics(loads: Command, run: RunBody): void {
  loads
    .command('metrics')
    .argument('<contract|table>', 'a contract, or a table as [[database.]schema.]table')
    .description('what the last loads of a table brought, and what was odd about them')
    .option(...warehouseFlag)
    .option('--limit <n>', 'how many', limitOf, 20)
    .action((asked: string, options: MetricsOptions) => run((context) => metrics(asked, options, context)));
}

async function metrics(asked: string, options: MetricsOptions, context: CliContext): Promise<ExitCode> {
  const contract = (await context.config()).contracts.get(asked);
  const named = parseTableName(contract?.table ?? asked);
  const table = named === null ? asked : endOfIdentity(named);
  const warehouse = await context.warehouse(options.warehouse ?? named?.warehouse);
  const loads = await warehouse.metrics({ table, limit: options.limit });
  context.terminal.result({ table, loads }, (columns) => lazyMetrics().renderMetrics(table, loads, columns));
  return exitCodes.ok;
}
