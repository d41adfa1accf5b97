import type { AuditedStage, AuditInput } from '../workflows/contract';
import { named, type ActivityDeps } from './deps';
import { runStep } from './run-step';

/** See `LoadActivities['loadline.audit']`. */
export function audit(deps: ActivityDeps, { open, stage, holds = false, verdict }: AuditInput): Promise<AuditedStage> {
  const warehouse = named(deps.warehouses, open.targets[stage.index]!.warehouse, 'UnknownWarehouse');
  return runStep(deps.buildId, { warehouse, open }, (context) =>
    warehouse.audit(open, stage, context, { holds, verdict }),
  );
}
