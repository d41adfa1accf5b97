import { openPostgresProvisioner } from '../activities/warehouses/postgres/provision';
import { parseTableName } from '../activities/contracts';
import { loadFailure } from '../workflows/load-error';
import { readAdminSecrets, type ResolvedConfig, type ResolvedProvision, type ResolvedPostgres } from './config';
import type { Provisioner, WantedProvision, WantedTable } from '../activities/warehouses/provision';

/** What provisions a warehouse, and what the warehouse shall have. */
export interface OpenedProvisioner {
  readonly provisioner: Provisioner;
  readonly wanted: WantedProvision;
}

/** Opens a warehouse as its administrator: reads that secret and no other. @throws `SecretMissing`, `InvalidConfig`, `NotSupported` */
export function openProvisioner(config: ResolvedConfig, name: string, makeTables: boolean): OpenedProvisioner {
  const warehouse = config.warehouses.get(name)!;
  if (warehouse.kind !== 'postgres')
    throw loadFailure('NotSupported', { object: `warehouse ${name}`, got: 'provision' });
  const { provision } = warehouse;
  if (provision === null)
    throw loadFailure('InvalidConfig', {
      object: `warehouses.${name}.provision`,
      expected: 'an administrator and roles',
      got: 'none',
      remedy: "Add provision: { admin: env('ADMIN_DATABASE_URL'), roles: { loader: 'loadline_loader' } }.",
    });
  const { roles, login, canary } = provision;
  const wanted = { roles, login, canary, makeTables, tables: wantedTables(config, name) };
  return { provisioner: provisionerOf(warehouse, provision), wanted };
}

const provisionerOf = (warehouse: ResolvedPostgres, provision: ResolvedProvision): Provisioner =>
  openPostgresProvisioner(warehouse.name, readAdminSecrets(warehouse, provision));

/** A contract does not say how it is loaded; a schedule does, and one without a key is appended to, or replaced. */
function wantedTables({ contracts, schedules }: ResolvedConfig, warehouse: string): WantedTable[] {
  const appended = new Set(schedules.flatMap(({ load }) => (load?.mode === 'append' ? [load.into] : [])));
  return [...contracts.values()]
    .filter(({ table }) => parseTableName(table)?.warehouse === warehouse)
    .map((contract) => ({ contract, appends: appended.has(contract.name) || !contract.key?.length }));
}
