import type { ProvisionNote, ProvisionPlan, ProvisionStep, WantedProvision } from '../../provision';
import { grantSteps, type Governed, type GrantWords, type WantedGrant } from '../../provisioning/grant-steps';
import { actingRoles, note, step } from '../../provisioning/steps';
import { isMade, labelOf, missingTable } from '../../provisioning/targets';
import type { SqlBackend } from '../../sql/port';
import { tableSteps } from '../../sql/provision/make-steps';
import type { DatasetResource } from '../api';
import type { ResolvedBigQueryConfig } from '../config';
import { ident, literal } from '../dialect';
import { editor, everybody, ofProject, viewer, type AccessChange } from './access';
import type { Asked, Facts } from './facts';

/** What a statement of a plan is done by, where that is a call of the API. */
export type Action =
  | { readonly kind: 'access'; readonly change: AccessChange }
  | { readonly kind: 'make' | 'patch'; readonly dataset: string; readonly fields: Partial<DatasetResource> };

/** What the plan is made with. */
export interface Making {
  readonly backend: SqlBackend;
  readonly config: ResolvedBigQueryConfig;
  readonly asked: Asked;
  /** By the statement that says the same. */
  readonly actions: Map<string, Action>;
}

/** How what is there differs from what is wanted. The same facts give the same plan. */
export function planOf(warehouse: string, facts: Facts, wanted: WantedProvision, making: Making): ProvisionPlan {
  const { config, backend } = making;
  const steps = [
    ...datasetSteps(facts, wanted, making),
    ...tableSteps(backend, facts, wanted, { ledgerLabel: config.ledgerDataset, made: (statement) => [statement] }),
    ...grantSteps(wantedGrants(facts, wanted, config), wordsOf(making)),
  ];
  return {
    warehouse,
    admin: config.credentials.kind === 'key' ? 'the key of provision.admin' : 'the credentials of this machine',
    database: `project ${config.project}`,
    steps,
    notes: notesOf(facts, wanted, making),
    drift: steps.length > 0,
  };
}

function datasetSteps(facts: Facts, wanted: WantedProvision, making: Making): ProvisionStep[] {
  const { config } = making;
  const { ledgerDataset, stageDataset } = config;
  const ofTables = facts.targets.filter((target) => isMade(target, wanted)).map(({ schema }) => schema);
  const reasons = new Map([
    ...ofTables.map((name) => [name, 'of a contract'] as const),
    [ledgerDataset, 'holds the ledger'] as const,
    [stageDataset, 'holds the stages'] as const,
  ]);
  return [...reasons].flatMap(([name, reason]) => {
    const found = facts.datasets.get(name)?.resource;
    const own = name === ledgerDataset || name === stageDataset;
    const fields = own ? fieldsOf(found, making, name === stageDataset) : {};
    if (found && Object.keys(fields).length === 0) return [];
    const options = optionsText(found ? fields : { ...fields, ...(config.location && { location: config.location }) });
    const sql = `${found ? 'ALTER SCHEMA' : 'CREATE SCHEMA IF NOT EXISTS'} ${ident(config.project)}.${ident(name)}${found ? ' SET' : ''}${options}`;
    // Else whoever may read or write all data of the project could do so here.
    const access = own ? { access: [{ role: 'OWNER', specialGroup: 'projectOwners' }] } : {};
    making.actions.set(sql, {
      kind: found ? 'patch' : 'make',
      dataset: name,
      fields: found ? fields : { ...fields, ...access },
    });
    const change = found ? 'alter' : 'create';
    return [
      step({
        object: `dataset ${name}`,
        change,
        sql: [sql],
        reason: found ? 'labels and expiration as configured' : reason,
      }),
    ];
  });
}

/** Labels and expiration that one of Loadline's own datasets lacks. */
function fieldsOf(
  found: DatasetResource | undefined,
  { config, asked }: Making,
  isStage: boolean,
): Partial<DatasetResource> {
  const labels = { ...config.labels, loadline: 'own' };
  const lacks = Object.entries(labels).some(([name, value]) => found?.labels?.[name] !== value);
  const expires = String(asked.stageExpirationMs ?? 0);
  const other = isStage && (found?.defaultTableExpirationMs ?? '0') !== expires;
  return { ...(lacks && { labels }), ...(other && { defaultTableExpirationMs: expires }) };
}

function optionsText({ labels, defaultTableExpirationMs, location }: Partial<DatasetResource>): string {
  const pairs = Object.entries(labels ?? {}).map(([name, value]) => `(${literal(name)}, ${literal(value)})`);
  const days = Number(defaultTableExpirationMs ?? 0) / 86_400_000;
  const options = [
    ...(location ? [`location = ${literal(location)}`] : []),
    ...(pairs.length ? [`labels = [${pairs.join(', ')}]`] : []),
    ...(defaultTableExpirationMs ? [`default_table_expiration_days = ${days || 'NULL'}`] : []),
  ];
  return options.length ? ` OPTIONS (${options.join(', ')})` : '';
}

/** BigQuery has no right to insert alone: who writes to a table may change what is in it. */
function wantedGrants(facts: Facts, wanted: WantedProvision, config: ResolvedBigQueryConfig): WantedGrant[] {
  const { loader, reader } = wanted.roles;
  const { ledgerDataset, stageDataset } = config;
  const on = (name: string, strict: readonly string[]): Governed => ({
    kind: 'SCHEMA',
    sql: `${ident(config.project)}.${ident(name)}`,
    label: `dataset ${name}`,
    found: facts.datasets.get(name) ?? null,
    strict,
  });
  const strict = [...actingRoles(wanted), ...ofProject, everybody];
  const grants: WantedGrant[] = [
    {
      on: on(ledgerDataset, strict),
      role: loader,
      privileges: [editor],
      reason: 'to write the ledger, and to make the locks of load keys',
    },
    { on: on(stageDataset, strict), role: loader, privileges: [editor], reason: 'to make, fill and drop stages' },
  ];
  if (reader !== null)
    grants.push({
      on: on(ledgerDataset, strict),
      role: reader,
      privileges: [viewer],
      reason: 'to read receipts, states and metrics',
    });
  const named = facts.targets.filter((target) => target.kind !== null || isMade(target, wanted));
  const written = new Set(named.filter(({ readOnly }) => !readOnly).map(({ schema }) => schema));
  const read = new Set(named.map(({ schema }) => schema).filter((schema) => !written.has(schema)));
  const own = [ledgerDataset, stageDataset];
  const of = (names: ReadonlySet<string>, role: string, reason: string): WantedGrant[] =>
    [...names]
      .filter((name) => !own.includes(name))
      .map((name) => ({ on: on(name, []), role: loader, privileges: [role], reason }));
  return [...grants, ...of(written, editor, 'tables of contracts'), ...of(read, viewer, 'read by a check')];
}

const wordsOf = ({ config, actions }: Making): GrantWords => {
  const words = (given: boolean) => (privileges: string, _kind: string, objects: readonly string[], member: string) =>
    privileges.split(', ').flatMap((role) =>
      objects.map((object) => {
        const [verb, to] = given ? ['GRANT', 'TO'] : ['REVOKE', 'FROM'];
        const sql = `${verb} ${ident(role)} ON SCHEMA ${object} ${to} ${literal(member)}`;
        const dataset = object.slice(ident(config.project).length + 2, -1);
        actions.set(sql, { kind: 'access', change: { dataset, role, member, given } });
        return sql;
      }),
    );
  return { everybody, grant: words(true), revoke: words(false) };
};

function notesOf(facts: Facts, wanted: WantedProvision, { config }: Making): ProvisionNote[] {
  const { loader } = wanted.roles;
  const places = [...facts.datasets].flatMap(([name, { resource }]) =>
    config.location === null || resource.location?.toUpperCase() === config.location.toUpperCase()
      ? []
      : [
          note(
            `dataset ${name}`,
            `is in ${resource.location ?? 'an unknown place'}, not in ${config.location}`,
            'Name another dataset: one cannot be moved',
          ),
        ],
  );
  const tables = facts.targets.flatMap((target) =>
    target.kind === null
      ? missingTable(target, wanted)
      : target.kind === 'other' && !target.readOnly
        ? [note(`table ${labelOf(target)}`, 'is no table', 'Name the table behind it in the contract.')]
        : [],
  );
  const command = `gcloud projects add-iam-policy-binding ${config.jobProject} --member '${loader}' --role roles/bigquery.jobUser`;
  const jobs = note(
    `project ${config.jobProject}`,
    `whether ${loader} may run jobs is not told by a dataset`,
    `Once, as an owner of the project: ${command}`,
  );
  return [jobs, ...bucketNotes(config, loader), ...places, ...tables];
}

/** What is put there is read by load jobs in the loader's name. */
function bucketNotes({ stagingBucket }: ResolvedBigQueryConfig, loader: string): ProvisionNote[] {
  if (stagingBucket === null) return [];
  const bucket = /^gs:\/\/[^/]+/.exec(stagingBucket)![0];
  const commands = ['objectCreator', 'objectViewer'].map(
    (role) =>
      `gcloud storage buckets add-iam-policy-binding ${bucket} --member '${loader}' --role roles/storage.${role}`,
  );
  return [
    note(`bucket ${bucket}`, 'its rights are not looked at', `Once, as an owner of the bucket: ${commands.join('; ')}`),
  ];
}
