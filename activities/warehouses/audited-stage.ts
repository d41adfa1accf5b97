import type { AuditedStage, AuditedStageFields, OpenLoad, StageRef } from '../../workflows/contract';
import { checkWarnings } from './audit-policy';
import type { Evaluated, Prospects } from './prospects';
import { quarantineWarnings } from './quarantine-warning';
import type { JudgedTarget } from './verdict-policy';

/** What an audit has come to. */
export interface AuditFindings {
  readonly stage: StageRef;
  readonly judgement: JudgedTarget;
  readonly found: Evaluated;
  /** `null`: the stage is not held. */
  readonly prospects: Prospects | null;
  readonly targetVersion: number;
  /** Of the tables that checks refer to; `null`: they refer to none. */
  readonly referenceVersions: Readonly<Record<string, number>> | null;
}

/** What an audit tells those who publish. */
export function auditedStage(open: OpenLoad, findings: AuditFindings): AuditedStage {
  const { stage, judgement, found, prospects, targetVersion, referenceVersions } = findings;
  const { contract } = judgement.target;
  const { left, quarantined } = prospects?.rest ?? found;
  const audited: AuditedStageFields = {
    ...stage,
    audited: left,
    duplicates: stage.rows - left,
    quarantined,
    targetVersion,
    warnings: [
      ...quarantineWarnings(open, contract.name, quarantined, found.verdicts),
      ...checkWarnings(contract, found.verdicts),
    ],
    ...(found.verdicts.length ? { verdicts: found.verdicts } : {}),
    ...(referenceVersions && { referenceVersions }),
    ...(judgement.overruled && { overruled: judgement.overruled }),
    ...(prospects && { held: prospects.held }),
  };
  return audited as AuditedStage;
}
