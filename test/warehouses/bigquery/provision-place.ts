import { randomBytes } from 'node:crypto';
import { openBigQueryProvisioner } from '../../../activities/warehouses/bigquery/provision';
import type { AccessEntry, DatasetResource } from '../../../activities/warehouses/bigquery/api';
import { BigQueryClient } from '../../../activities/warehouses/bigquery/client';
import type { ResolvedBigQueryConfig } from '../../../activities/warehouses/bigquery/config';
import type { Provisioner, WantedProvision } from '../../../activities/warehouses/provision';
import type { ProvisionPlace } from '../sql/provision';
import { openBigQueryPlaceWith } from './place';

/** Datasets of a test's own, of which none is there yet. */
export interface BigQueryProvisionPlace extends ProvisionPlace {
  readonly config: ResolvedBigQueryConfig;
  readonly client: BigQueryClient;
  /** Plans and applies with another configuration. */
  as(more: Partial<ResolvedBigQueryConfig>, stageExpirationMs?: number): Provisioner;
  /** Changes the access list of a dataset by hand. */
  access(dataset: string, change: (access: AccessEntry[]) => AccessEntry[]): Promise<void>;
  dataset(name: string): Promise<DatasetResource>;
}

export const loader = 'loader@acme-shop.iam.gserviceaccount.com';
export const reader = 'data@acme.com';

export async function openBigQueryProvisionPlace(name: string): Promise<BigQueryProvisionPlace> {
  const { config, ...place } = openBigQueryPlaceWith(`${name}_${randomBytes(4).toString('hex')}`);
  const client = new BigQueryClient(config);
  const as = (more: Partial<ResolvedBigQueryConfig>, stageExpirationMs?: number): Provisioner =>
    openBigQueryProvisioner('main', { ...config, ...more }, { stageExpirationMs: stageExpirationMs ?? null });
  const admin = as({});
  const wanted: WantedProvision = {
    roles: { loader: `serviceAccount:${loader}`, reader: `group:${reader}`, sweeper: null, owner: null },
    login: false,
    canary: false,
    makeTables: true,
    tables: [],
  };
  const access: BigQueryProvisionPlace['access'] = async (dataset, change) => {
    const found = (await client.getDataset(dataset))!;
    await client.patchDataset(dataset, found.etag, { access: change([...found.access!]) });
  };
  return {
    ...place,
    config,
    client,
    wanted,
    always: [`project ${config.jobProject}`],
    as,
    access,
    dataset: async (of) => (await client.getDataset(of))!,
    plan: (what) => admin.plan(what),
    apply: (what, prune = false) => admin.apply(what, { prune }),
    async takeAway() {
      await access(config.ledgerDataset, (list) => list.filter((entry) => entry.userByEmail !== loader));
      return `GRANT \`roles/bigquery.dataEditor\` ON SCHEMA \`${config.project}\`.\`${config.ledgerDataset}\` TO 'serviceAccount:${loader}'`;
    },
    async giveTooMuch() {
      await access(config.ledgerDataset, (list) => [
        ...list,
        { role: 'OWNER', userByEmail: loader },
        { role: 'WRITER', groupByEmail: reader },
        { role: 'WRITER', specialGroup: 'projectWriters' },
      ]);
      return [`serviceAccount:${loader}`, `group:${reader}`, 'specialGroup:projectWriters'];
    },
  };
}
