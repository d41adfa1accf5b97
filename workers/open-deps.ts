import { openBigQuery } from '../activities/warehouses/bigquery';
import { openPostgres } from '../activities/warehouses/postgres';
import { openSnowflake } from '../activities/warehouses/snowflake';
import type { ActivityDeps } from '../activities/deps';
import type { WritableStore } from '../activities/stores/objects/object-store';
import { batchStoreName } from '../activities/stores/state-store';
import type { Store } from '../activities/stores/store';
import type { Warehouse } from '../activities/warehouses/warehouse';
import { openObjects, openStore } from './open-store';
import { readWarehouseSecrets, type ResolvedConfig, type ResolvedWarehouse } from './config';

/** Opens a warehouse of the configuration: reads its secret, connects at the first use. @throws `SecretMissing` */
export function openWarehouse(warehouse: ResolvedWarehouse): Warehouse {
  const config = readWarehouseSecrets(warehouse);
  switch (config.kind) {
    case 'postgres':
      return openPostgres(warehouse.name, config);
    case 'snowflake':
      return openSnowflake(warehouse.name, config);
    case 'bigquery':
      return openBigQuery(warehouse.name, config);
  }
}

/** What activities work with, and how to give it back. */
export interface OpenedDeps extends Omit<ActivityDeps, 'searchAttributes'> {
  close(): Promise<void>;
}

/** Opens the warehouses and stores of a configuration. */
export function openDeps(config: ResolvedConfig): OpenedDeps {
  const warehouses = new Map<string, Warehouse>();
  for (const [name, warehouse] of config.warehouses) warehouses.set(name, openWarehouse(warehouse));
  const stores = new Map<string, Store>();
  for (const [name, store] of config.stores) stores.set(name, openStore(store, config.stateDir));
  const batchStore = openBatchStore(config);
  return {
    warehouses,
    stores,
    contracts: config.contracts,
    stateDir: config.stateDir,
    batchStore,
    buildId: config.buildId,
    versioned: config.deployment !== null,
    async close() {
      await Promise.allSettled([...warehouses.values()].map((w) => w.close()));
      for (const store of [...stores.values(), batchStore]) store?.close?.();
    },
  };
}

/** Batches lie apart from the files of the store, so that no glob of theirs finds them. */
function openBatchStore({ batchStore, stores, stateDir }: ResolvedConfig): WritableStore | null {
  const store = batchStore === null ? undefined : stores.get(batchStore);
  if (!store || store.kind === 'local-files') return null;
  return openObjects({ ...store, prefix: `${store.prefix.replace(/\/+$/, '')}/.loadline` }, stateDir, batchStoreName);
}
