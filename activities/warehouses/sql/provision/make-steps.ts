import type { ProvisionStep, WantedProvision } from '../../provision';
import { step } from '../../provisioning/steps';
import { isMade, labelOf, type WantedTarget } from '../../provisioning/targets';
import { createTable, ledgerTables, ledgerVersion, versionRow, type LedgerNames } from '../ledger-schema';
import { Locks } from '../locks';
import type { Sql, SqlBackend } from '../port';
import { targetSql } from '../stage';

/** What these steps are made with. */
export type Place = Pick<SqlBackend, 'dialect' | 'ledgerSchema' | 'rows' | 'run'>;

/** What a plan knows of the ledger. */
export interface FoundLedger<T extends WantedTarget = WantedTarget> {
  /** 0: there is none. */
  readonly ledgerVersion: number;
  readonly ledger: ReadonlyMap<keyof LedgerNames, unknown>;
  readonly targets: readonly (T & { readonly lock: unknown })[];
}

/** A statement with what is done to a thing once it is made, such as handing it over. */
export type Made = (statement: string, kind: 'TABLE', name: string) => readonly string[];

const plain = ({ text }: Sql): string => text.join('');

/** The tables of the ledger that are missing, its version, the locks of targets, and their tables. Each may be made twice. */
export function tableSteps(
  place: Place,
  { ledgerVersion: found, ledger, targets }: FoundLedger,
  wanted: WantedProvision,
  { ledgerLabel, made }: { ledgerLabel: string; made: Made },
): ProvisionStep[] {
  const nameOf = (table: keyof LedgerNames): string => `${place.ledgerSchema}.${place.dialect.ident(table)}`;
  const missing = ledgerTables.filter((table) => !ledger.has(table));
  const create = missing.flatMap((table) => made(plain(createTable(place, table)), 'TABLE', nameOf(table)));
  const version = found < ledgerVersion ? [plain(versionRow(place))] : [];
  const locks = new Locks(place);
  const isNew = missing.length === ledgerTables.length;
  const steps = [...create, ...version].length
    ? [
        step({
          object: `ledger ${ledgerLabel}`,
          change: isNew ? 'create' : 'alter',
          sql: [...create, ...version],
          reason: isNew
            ? `version ${ledgerVersion}`
            : `from version ${found} to ${ledgerVersion}; older releases go on`,
        }),
      ]
    : [];
  return [
    ...steps,
    ...targets
      .filter(({ readOnly, lock }) => !readOnly && lock === null)
      .map((target) => {
        const { name, create } = locks.table(target.target);
        const sql = made(plain(create), 'TABLE', name);
        return step({ object: `lock of ${labelOf(target)}`, change: 'create', sql, reason: 'taken by each publish' });
      }),
    ...targets
      .filter((target) => isMade(target, wanted))
      .map((one) =>
        step({
          object: `table ${labelOf(one)}`,
          change: 'create',
          sql: [plain(targetSql(place.dialect, { ...one, mode: one.appends ? 'append' : 'merge' }))],
          reason: `contract ${one.contract.name}`,
        }),
      ),
  ];
}
