import type { AuditedStage, OpenLoad, OpenTarget } from '../../../workflows/contract';
import type { TargetPlan } from '../warehouse';
import type { Engine } from './engine';
import type { Sql } from './port';
import { plannedStatements, type WriteInput } from './write';

/** See `Warehouse.plan`: the DML of the publish, as it would be sent. */
export function planTarget(engine: Engine, target: OpenTarget): TargetPlan {
  const stage = { stage: engine.dialect.ident('<stage>'), quarantined: 0, index: 0 } as AuditedStage;
  const context = {} as WriteInput['context'];
  const open = { loadId: '<load id>', loadKey: '<load key>' } as OpenLoad;
  const statements = plannedStatements({ engine, open, target, stage, superseded: [], context });
  return {
    target: target.target,
    exists: target.columns !== null,
    mode: target.mode,
    sql: statements.map(shown),
    hints: [],
  };
}

/** A statement with its values written where they are bound. */
const shown = ({ text, values }: Sql): string =>
  text.reduce((all, part, i) => `${all}${i === 0 ? '' : literal(values[i - 1])}${part}`, '').replace(/\s+/g, ' ');

const literal = (value: unknown): string =>
  typeof value === 'string' ? `'${value.replaceAll("'", "''")}'` : JSON.stringify(value);
