import type { Command } from 'commander';
import { lazyQuarantine, lazyRunLoad } from '../lazy';
import { signedBy, type SignedOptions } from './loads-undo';
import { warehouseFlag } from './loads';
import { tableFlag, type TableOption } from './quarantine';
import type { CliContext, RunBody } from '../cli-context';
import type { ExitCode } from '../exit-code';
import type { RetryQuarantineInput } from '../../workflows/contract';

interface RetryOptions extends TableOption, Omit<SignedOptions, 'yes'> {
  readonly file?: string;
  readonly allowOutOfOrder?: boolean;
  readonly onChanged?: 'refuse' | 'reprocess';
  readonly detach?: boolean;
}

/** Declares `quarantine retry`. */
export function addRetry(quarantine: Command, run: RunBody): void {
  quarantine
    .command('retry')
    .argument('<key|id>', 'a load key or a load id')
    .description('load the open rows of a load, exactly once: as they are, or as a file has them')
    .option(...warehouseFlag)
    .option(...tableFlag)
    .option('--file <path>', 'rows that `quarantine export` has written, repaired; those that it lacks stay open')
    .option('--reason <text>', 'why; kept in the ledger (default: what was done)')
    .option('--by <name>', 'who; kept in the ledger (default: the user of this machine)')
    .option('--allow-out-of-order', 'merge without `newest`: change rows although later loads were published')
    .option('--on-changed <what>', 'refuse | reprocess: when a retry of these rows was rolled back')
    .option('--detach', 'start it and do not wait')
    .addHelpText('after', '\nRows that break the contract again are set aside again, under the load that this makes.')
    .action((key: string, options: RetryOptions) => run((context) => retry(key, options, context)));
}

async function retry(key: string, options: RetryOptions, context: CliContext): Promise<ExitCode> {
  const { file, detach = false } = options;
  const reason = options.reason ?? (file === undefined ? 'tried again as they were' : 'repaired by hand');
  const signed = signedBy({ reason, ...(options.by === undefined ? {} : { by: options.by }) });
  // What was repaired is read before anything is connected to.
  const rows = file === undefined ? undefined : await lazyQuarantine().readRepaired(file);
  const adapter = await context.warehouse(options.warehouse);
  const base: RetryQuarantineInput = {
    warehouse: adapter.name,
    load: key,
    ...(options.table === undefined ? {} : { table: options.table }),
    ...signed,
    ...(options.allowOutOfOrder ? { outOfOrder: 'allow' as const } : {}),
    ...(options.onChanged === undefined ? {} : { onChanged: options.onChanged }),
  };
  return lazyRunLoad().startAndFollow(
    async (client) => {
      if (rows === undefined) return client.retryQuarantine(base);
      const { loadId, table, repair } = await adapter.quarantine.submit(key, options.table, rows);
      return client.retryQuarantine({ ...base, load: loadId, table, repair });
    },
    detach,
    context,
  );
}
