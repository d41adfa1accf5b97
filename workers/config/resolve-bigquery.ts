import { bigQueryDefaults, type ResolvedBigQueryConfig } from '../../activities/warehouses/bigquery/config';
import type { ConfigShape } from './config-schema';
import type { ConfigOrigin } from './resolve-warehouse';
import { durationMs } from './duration';
import type { BigQueryCredentialsRef, ResolvedBigQuery, ResolvedBigQueryProvision } from './resolved-config';
import { anchored, resolveSecret } from './secret';
import { durationsOf, refuseOnePlace, rolesOf, usualDurations } from './warehouse-options';

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
    provision: shape.provision ? resolveProvision(`${place.at}.provision`, shape.provision, { file, rootDir }) : null,
  };
}

function resolveProvision(
  option: string,
  { admin, roles, stageExpiration }: NonNullable<BigQueryShape['provision']>,
  { file, rootDir }: ConfigOrigin,
): ResolvedBigQueryProvision {
  const range = { min: '1d', max: '3650d' };
  const expires = stageExpiration && durationMs(stageExpiration, `${option}.stageExpiration`, range, file);
  return {
    admin: credentialsOf(admin, rootDir),
    roles: rolesOf(roles, `${option}.roles`, file),
    stageExpirationMs: expires || null,
  };
}

function credentialsOf(written: BigQueryShape['credentials'], rootDir: string): BigQueryCredentialsRef {
  if (written === undefined) return { kind: 'default' };
  return written === 'none' ? { kind: 'none' } : { kind: 'key', secret: anchored(written, rootDir) };
}

/** A BigQuery warehouse as its adapter takes it, with its key read. @throws `SecretMissing` */
export function readBigQuerySecrets({
  name,
  credentials,
  provision: _later,
  ...warehouse
}: ResolvedBigQuery): ResolvedBigQueryConfig {
  return { ...warehouse, credentials: readKey(credentials, `warehouses.${name}.credentials`) };
}

/** The same warehouse as its administrator sees it. @throws `SecretMissing` */
export function readBigQueryAdmin(
  { name, credentials: _workers, provision: _done, ...warehouse }: ResolvedBigQuery,
  { admin }: ResolvedBigQueryProvision,
): ResolvedBigQueryConfig {
  return { ...warehouse, credentials: readKey(admin, `warehouses.${name}.provision.admin`) };
}

const readKey = (ref: BigQueryCredentialsRef, option: string): ResolvedBigQueryConfig['credentials'] =>
  ref.kind === 'key' ? { kind: 'key', json: resolveSecret(ref.secret, option) } : { kind: ref.kind };
