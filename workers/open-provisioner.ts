import { openBigQueryProvisioner } from '../activities/warehouses/bigquery/provision';
import { openPostgresProvisioner } from '../activities/warehouses/postgres/provision';
import { openSnowflakeProvisioner } from '../activities/warehouses/snowflake/provision';
import { parseTableName } from '../activities/contracts';
import { loadFailure } from '../workflows/load-error';
import {
  readAdminSecrets,
  readBigQueryAdmin,
  readSnowflakeAdmin,
  type ResolvedConfig,
  type ResolvedWarehouse,
} from './config';
import type { Provisioner, WantedProvision, WantedTable } from '../activities/warehouses/provision';

/** What provisions a warehouse, and what the warehouse shall have. */
export interface OpenedProvisioner {
  readonly provisioner: Provisioner;
  readonly wanted: WantedProvision;
}

/** Opens a warehouse as its administrator: reads that secret and no other. @throws `SecretMissing`, `InvalidConfig` */
export function openProvisioner(config: ResolvedConfig, name: string, makeTables: boolean): OpenedProvisioner {
  const warehouse = config.warehouses.get(name)!;
  const provisioner = provisionerOf(warehouse);
  if (provisioner === null)
    throw loadFailure('InvalidConfig', {
      object: `warehouses.${name}.provision`,
      expected: 'an administrator and roles',
      got: 'none',
      remedy:
        "Add provision: { admin: env('ADMIN_DATABASE_URL'), roles: { loader: 'loadline_loader' } }, or what the warehouse takes for it.",
    });
  const own = { login: false, canary: false, ...provisioner.wanted };
  return { provisioner: provisioner.opened, wanted: { ...own, makeTables, tables: wantedTables(config, name) } };
}

interface Opened {
  readonly opened: Provisioner;
  readonly wanted: Pick<WantedProvision, 'roles'> & Partial<Pick<WantedProvision, 'login' | 'canary'>>;
}

/** `null`: the configuration does not say how it is provisioned. */
function provisionerOf(warehouse: ResolvedWarehouse): Opened | null {
  switch (warehouse.kind) {
    case 'postgres': {
      const { name, provision } = warehouse;
      if (provision === null) return null;
      const { roles, login, canary } = provision;
      return {
        opened: openPostgresProvisioner(name, readAdminSecrets(warehouse, provision)),
        wanted: { roles, login, canary },
      };
    }
    case 'snowflake': {
      const { name, provision } = warehouse;
      if (provision === null) return null;
      const admin = readSnowflakeAdmin(warehouse, provision);
      return { opened: openSnowflakeProvisioner(name, admin, warehouse), wanted: { roles: provision.roles } };
    }
    case 'bigquery': {
      const { name, provision } = warehouse;
      if (provision === null) return null;
      const { roles, stageExpirationMs } = provision;
      const admin = readBigQueryAdmin(warehouse, provision);
      return { opened: openBigQueryProvisioner(name, admin, { stageExpirationMs }), wanted: { roles } };
    }
  }
}

/** A contract does not say how it is loaded; a schedule does, and one without a key is appended to, or replaced. */
function wantedTables({ contracts, schedules }: ResolvedConfig, warehouse: string): WantedTable[] {
  const appended = new Set(schedules.flatMap(({ load }) => (load?.mode === 'append' ? [load.into] : [])));
  return [...contracts.values()]
    .filter(({ table }) => parseTableName(table)?.warehouse === warehouse)
    .map((contract) => ({ contract, appends: appended.has(contract.name) || !contract.key?.length }));
}
