import { loadErrorOf, loadFailure } from '../../workflows/load-error';
import type { ArchiveLimits, ArchiveResult } from '../../workflows/contract';

/** Whatever is older goes, by the warehouse's clock; `null`: none of it. */
export interface ArchiveCutoffs {
  readonly ledger: string;
  readonly quarantine: string | null;
  readonly kept: string | null;
  readonly metrics: string | null;
}

/** The cutoffs of limits at a moment, ISO 8601 in UTC. */
export function cutoffsAt(now: string, limits: ArchiveLimits): ArchiveCutoffs {
  // Nothing was published before 1970, and years beyond four digits no warehouse reads.
  const ago = (ms: number): string => new Date(Math.max(0, Date.parse(now) - ms)).toISOString();
  const asked = (ms: number | undefined): string | null => (ms === undefined ? null : ago(ms));
  return {
    ledger: ago(limits.olderThanMs),
    quarantine: asked(limits.quarantineOlderThanMs),
    kept: asked(limits.keptOlderThanMs),
    metrics: asked(limits.metricsOlderThanMs),
  };
}

/** Where there is no ledger yet. */
export const nothingArchived = (limits: ArchiveLimits, dryRun: boolean): ArchiveResult => ({
  before: cutoffsAt(new Date().toISOString(), limits).ledger,
  archived: 0,
  quarantineDeleted: 0,
  keptDeleted: 0,
  metricsDeleted: 0,
  dryRun,
});

/** What to throw for an error of an archive: whoever lost the answer to a commit need not know what became of it. */
export const archiveFailure = (error: unknown, object: string): unknown =>
  loadErrorOf(error)?.type === 'CommitOutcomeUnknown'
    ? loadFailure('CommitOutcomeUnknown', { object, remedy: 'Run it again: it does what is left.' })
    : error;
