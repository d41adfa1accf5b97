import type { Command } from 'commander';
import { exitCodes, type ExitCode } from '../exit-code';
import { instant, plural } from '../format';
import { addDeleteOptions, limitsOf, type DeleteOptions } from '../archive-limits';
import { fields, paint } from '../terminal';
import { agree } from './loads-undo';
import { warehouseFlag, type WarehouseOption } from './loads';
import type { ArchiveResult } from '../../workflows/contract';
import type { CliContext, RunBody } from '../cli-context';

interface ArchiveOptions extends WarehouseOption, DeleteOptions {
  readonly olderThan: string;
  readonly dryRun?: boolean;
  readonly yes?: boolean;
}

/** Declares `loads archive`. */
export function addArchive(loads: Command, run: RunBody): void {
  const archive = loads
    .command('archive')
    .description('move old history out of the ledger; every answer about it stays the same')
    .option(...warehouseFlag)
    .requiredOption('--older-than <duration>', 'loads published longer ago, such as 400d');
  addDeleteOptions(archive)
    .option('--dry-run', 'only count')
    .option('--yes', 'do not ask before deleting')
    .action((options: ArchiveOptions) => run((context) => archiveNow(options, context)));
}

async function archiveNow(options: ArchiveOptions, context: CliContext): Promise<ExitCode> {
  const { warehouse, olderThan, dryRun = false, yes } = options;
  const limits = limitsOf(olderThan, '--older-than', options);
  const adapter = await context.warehouse(warehouse);
  const { quarantineOlderThanMs, keptOlderThanMs, metricsOlderThanMs } = limits;
  const deletes = [quarantineOlderThanMs, keptOlderThanMs, metricsOlderThanMs].some((age) => age !== undefined);
  if (deletes && !dryRun)
    await agree(
      'Delete rows that were set aside or kept, or metrics? They are gone then.',
      'Nothing was archived.',
      yes,
      context,
    );
  const result = await adapter.archive(limits, { dryRun });
  context.terminal.result(result, (columns) => renderArchived(result, columns));
  return exitCodes.ok;
}

function renderArchived(result: ArchiveResult, columns: number): string {
  const { before, archived, quarantineDeleted, keptDeleted, metricsDeleted = 0, dryRun } = result;
  const deleted = (rows: number): string | undefined => (rows > 0 ? `${plural(rows, 'row')} deleted` : undefined);
  return [
    `${paint.green(dryRun ? '✓ would archive' : '✓ archived')}  ${plural(archived, 'receipt')}`,
    fields([['before', instant(before)], ['quarantine', deleted(quarantineDeleted)], ['kept', deleted(keptDeleted)], ['metrics', deleted(metricsDeleted)]], '  ', columns), // prettier-ignore
  ].join('\n\n');
}
