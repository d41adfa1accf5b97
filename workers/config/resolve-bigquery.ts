import { bigQueryDefaults, type ResolvedBigQueryConfig } from '../../activities/warehouses/bigquery/config';
import type { ConfigShape } from './config-schema';
import type { ConfigOrigin } from './resolve-warehouse';
import type { BigQueryCredentialsRef, ResolvedBigQuery } from './resolved-config';
import { anchored, resolveSecret } from './secret';
import { durationsOf, refuseOnePlace, usualDurations } from './warehouse-options';

type BigQueryShape = Extract<ConfigShape['warehouses'][string], { kind: 'bigquery' }>;

/** Decides every option of a BigQuery warehouse. @throws `InvalidConfig` */
export function resolveBigQuery(name: string, shape: BigQueryShape, { file, rootDir }: ConfigOrigin): ResolvedBigQuery {
  const place = { at: `warehouses.${name}`, file };
  const ledgerDataset = shape.ledgerDataset ?? bigQueryDefaults.ledgerDataset;
  const stageDataset = shape.stageDataset ?? bigQueryDefaults.stageDataset;
  refuseOnePlace('Dataset', ledgerDataset, stageDataset, place);
  return {
    kind: 'bigquery',
    name,
    project: shape.project,
    jobProject: shape.jobProject ?? shape.project,
    dataset: shape.dataset ?? bigQueryDefaults.dataset,
    location: shape.location ?? bigQueryDefaults.location,
    credentials: credentialsOf(shape.credentials, rootDir),
    ledgerDataset,
    stageDataset,
    stagingBucket: shape.stagingBucket ?? bigQueryDefaults.stagingBucket,
    referCsv: shape.referCsv ?? bigQueryDefaults.referCsv,
    maximumBytesBilled:
      shape.maximumBytesBilled === undefined ? bigQueryDefaults.maximumBytesBilled : String(shape.maximumBytesBilled),
    labels: shape.labels ?? bigQueryDefaults.labels,
    maxPublishing: shape.maxPublishing ?? bigQueryDefaults.maxPublishing,
    maxStaging: shape.maxStaging ?? bigQueryDefaults.maxStaging,
    ...durationsOf(shape, bigQueryDefaults, usualDurations, place),
    apiEndpoint: shape.apiEndpoint ?? bigQueryDefaults.apiEndpoint,
    storageEndpoint: shape.storageEndpoint ?? bigQueryDefaults.storageEndpoint,
  };
}

function credentialsOf(written: BigQueryShape['credentials'], rootDir: string): BigQueryCredentialsRef {
  if (written === undefined) return { kind: 'default' };
  return written === 'none' ? { kind: 'none' } : { kind: 'key', secret: anchored(written, rootDir) };
}

/** A BigQuery warehouse as its adapter takes it, with its key read. @throws `SecretMissing` */
export function readBigQuerySecrets({ name, credentials, ...warehouse }: ResolvedBigQuery): ResolvedBigQueryConfig {
  if (credentials.kind !== 'key') return { ...warehouse, credentials };
  const json = resolveSecret(credentials.secret, `warehouses.${name}.credentials`);
  return { ...warehouse, credentials: { kind: 'key', json } };
}
