import type { TableContract } from '../../../workflows/table-contract';
import { reasonsColumn } from '../own-columns';
import { maskedKey } from '../quarantine-policy';
import { baseType, columnList, typeOf } from './columns';
import { own, type Engine } from './engine';
import { raw, sql, type UnitStatement } from './port';
import type { Publish } from './publish-checks';
import { recordOrigin } from './repairs';

/** Stands for a value that is kept nowhere. */
const mask = '***';

/** Quarantine rows belong to the publish: written earlier, a retry would double them. */
export function setAside({ engine, open, stages }: Publish): UnitStatement[] {
  const { dialect, names } = engine;
  const reasons = raw(`s.${dialect.ident(reasonsColumn)}`);
  return stages
    .filter(({ audited }) => audited.quarantined > 0)
    .flatMap(({ audited }): UnitStatement[] => {
      const target = open.targets[audited.index]!;
      const rows: UnitStatement = {
        name: `quarantine ${audited.index}`,
        kind: 'change',
        sql: sql`INSERT INTO ${raw(names.quarantine)} (${own(engine, 'load_id', 'load_key', 'target', 'reasons', 'row_json', 'quarantined_at')})
          SELECT ${open.loadId}, ${open.loadKey}, ${target.target}, ${reasons}, ${raw(keptRow(engine, target))}, ${raw(dialect.now)}
          FROM ${raw(audited.stage)} s WHERE ${reasons} IS NOT NULL`,
      };
      return [rows, recordOrigin(engine, open.loadId, target)];
    });
}

/** A row `s` as the quarantine keeps it: of masked columns it tells only whether there was a value. */
function keptRow({ dialect }: Engine, target: Publish['open']['targets'][number]): string {
  const { columns }: TableContract = target.contract;
  const masked = Object.keys(columns).filter((name) => columns[name]!.masked);
  const members = Object.keys(columns).map((name) => {
    const column = columnList({ dialect }, [name], 's');
    return columns[name]!.masked
      ? { name, sql: `CASE WHEN ${column} IS NOT NULL THEN '${mask}' END`, type: dialect.own.text }
      : baseType(columns[name]!.type) === 'bytes'
        ? { name, sql: `CONCAT(CHR(92), 'x', ${dialect.hex(column)})`, type: dialect.own.text }
        : { name, sql: column, type: typeOf({ dialect }, target, name) };
  });
  const names = masked.map((name) => encodeURIComponent(name).replaceAll("'", '%27')).join(' ');
  if (masked.length) members.push({ name: maskedKey, sql: `'${names}'`, type: dialect.own.text });
  return dialect.jsonObject!(members);
}
