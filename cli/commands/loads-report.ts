import type { Command } from 'commander';
import { lazyLoadReport } from '../lazy';
import { warehouseFlag, type WarehouseOption } from './loads';
import type { RunBody } from '../cli-context';

/** How `loads report` is called. */
export interface ReportFlags extends WarehouseOption {
  readonly report?: readonly string[];
  readonly output?: string;
}

/** Declares `loads report`. */
export function addReport(loads: Command, run: RunBody): void {
  const several = (one: string, all: readonly string[] = []): string[] => [...all, one];
  loads
    .command('report')
    .argument('<key|id>', 'a load key or a load id')
    .description('write a page about one load: its counts, checks, trends, and what was set aside')
    .option(...warehouseFlag)
    .option('--report <kind[=path]>', 'html or markdown; may be repeated (default: html)', several)
    .option('--output <folder>', 'where reports without a path go (default: loadline-report)')
    .addHelpText(
      'after',
      '\nA page needs no other file and no network. No value of a row is in it but, of numbers and times in columns that are' +
        '\nnot masked, the smallest, the largest and quantiles. With --json the data is printed, and only reports that are asked for are written.',
    )
    .action((key: string, flags: ReportFlags) =>
      run((context) => lazyLoadReport().writeLoadReport(key, flags, context)),
    );
}
