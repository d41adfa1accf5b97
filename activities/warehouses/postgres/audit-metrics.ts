import type { Verdict } from '../../../workflows/checks';
import type { OpenLoad, OpenTarget, StageRef } from '../../../workflows/contract';
import { compareOptions } from '../../quality/compare-options';
import { judgeBatch } from '../metrics-policy';
import type { Session } from './client';
import { ledgerClock } from './ledger-row';
import type { LedgerNames } from './ledger-schema';
import { noteMetrics, scannedColumns, withSampled } from './metrics';
import { metricsBefore } from './metrics-ledger';

/** What the audit has found that the metrics hold. */
export interface Audited {
  /** Rows of the scan. */
  readonly rows: number;
  /** What `metricsSelect` has found. */
  readonly metrics: string | null;
  readonly duplicates: number;
  readonly quarantined: number;
}

/** Makes a stage's metrics, notes them with it for the publish, and tells what is unlike the loads before. */
export async function measureStage(
  tx: Session,
  names: LedgerNames,
  open: OpenLoad,
  target: OpenTarget,
  stage: StageRef,
  { rows, metrics, duplicates, quarantined }: Audited,
): Promise<Verdict[]> {
  const columns = await withSampled(tx, stage, scannedColumns(target, rows, metrics));
  const { contract } = target;
  const { verdicts, note } = judgeBatch({
    contract,
    batch: { rows: stage.rows, bytes: stage.batch.bytes, duplicates, quarantined, columns },
    at: Date.parse(open.interval?.start ?? (await ledgerClock(tx))),
    before: compareOptions(contract) ? await metricsBefore(tx, names, open, target) : [],
  });
  await noteMetrics(tx, stage.stage, note);
  return verdicts;
}
