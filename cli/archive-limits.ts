import type { Command } from 'commander';
import { parseDuration } from '../activities/duration';
import { UsageError } from './usage-error';
import type { ArchiveLimits } from '../workflows/contract';

/** Options of what may be deleted beside archiving. */
export interface DeleteOptions {
  readonly quarantineOlderThan?: string;
  readonly keptOlderThan?: string;
  readonly metricsOlderThan?: string;
}

/** Declares {@link DeleteOptions}. */
export function addDeleteOptions(command: Command): Command {
  return command
    .option('--quarantine-older-than <duration>', 'also delete rows that were set aside longer ago')
    .option('--kept-older-than <duration>', 'also delete rows kept for the rollback of loads that are older')
    .option('--metrics-older-than <duration>', 'also delete the metrics of loads that are older');
}

/** @throws `UsageError` */
export function limitsOf(olderThan: string, option: string, options: DeleteOptions): ArchiveLimits {
  const { quarantineOlderThan: quarantine, keptOlderThan: kept, metricsOlderThan: metrics } = options;
  return {
    olderThanMs: ageOf(option, olderThan),
    ...(quarantine === undefined ? {} : { quarantineOlderThanMs: ageOf('--quarantine-older-than', quarantine) }),
    ...(kept === undefined ? {} : { keptOlderThanMs: ageOf('--kept-older-than', kept) }),
    ...(metrics === undefined ? {} : { metricsOlderThanMs: ageOf('--metrics-older-than', metrics) }),
  };
}

function ageOf(option: string, text: string): number {
  const ms = Math.round(parseDuration(text));
  if (ms >= 86_400_000 && ms <= 36_500 * 86_400_000) return ms;
  throw new UsageError(`${option} ${text} is no duration from 1d to 36500d.`, `Write ${option} 400d.`);
}
