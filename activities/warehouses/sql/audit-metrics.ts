import type { Verdict } from '../../../workflows/checks';
import type { OpenLoad } from '../../../workflows/contract';
import { compareOptions } from '../../quality/compare-options';
import type { BatchMetrics } from '../../quality/load-metrics';
import { judgeBatch, type MetricsNote } from '../metrics-policy';
import type { Audit } from './audit-scan';
import type { Engine } from './engine';
import { ledgerClock } from './ledger';
import { metricsBefore, noteMetrics } from './metrics-ledger';
import { withSampled } from './metrics';

/** What an audit has counted. */
export type Counted = Pick<BatchMetrics, 'columns' | 'duplicates' | 'quarantined'>;

/** Tells what is unlike the loads before, and what is to be noted once it is known which stage is left. */
export async function measureStage(
  { engine, target, stage }: Audit,
  open: OpenLoad,
  counted: Counted,
): Promise<{ verdicts: Verdict[]; note: MetricsNote | null }> {
  // Rows that are repaired come one at a time: they are like no other load, and no other is like them.
  if (stage.batch.repairs) return { verdicts: [], note: null };
  const { contract } = target;
  return judgeBatch({
    contract,
    batch: { rows: stage.rows, bytes: stage.batch.bytes, ...counted },
    at: Date.parse(open.interval?.start ?? (await ledgerClock(engine))),
    before: compareOptions(contract) ? await metricsBefore(engine, open, target) : [],
  });
}

/** Notes a stage's metrics under the name of what is left of it. */
export async function noteStage(audit: Audit, left: string, note: MetricsNote): Promise<void> {
  const { engine, target, stage, bounds } = audit;
  const columns = await withSampled(engine, target, stage, note.columns, bounds);
  await noteMetrics(engine, left, { ...note, columns });
}

/** Notes of stages that are gone. A stage is registered before anything is noted of it. */
export const forgetNotes = ({ dialect, names }: Pick<Engine, 'dialect' | 'names'>): string =>
  `DELETE FROM ${names.notes} WHERE ${dialect.ident('stage')} NOT IN (SELECT ${dialect.ident('stage')} FROM ${names.stages})`;
