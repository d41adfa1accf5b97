import { loadErrorOf, loadFailure } from '../../../../workflows/load-error';
import type { Provisioner, ProvisionPlan, ProvisionStep, WantedProvision } from '../../provision';
import { makeSo } from '../../provisioning/make-so';
import { raw, sql as statementOf } from '../../sql/port';
import { bigQueryBackend } from '..';
import { BigQueryClient } from '../client';
import type { ResolvedBigQueryConfig } from '../config';
import { bigQueryFailure, type ApiError } from '../errors';
import { changed } from './access';
import { planOf, type Action, type Making } from './diff';
import type { Asked } from './facts';
import { readFacts } from './read-facts';

/** How often a dataset is read again that somebody else has changed meanwhile. */
const patience = 10;

/**
 * Opens the provisioner of a BigQuery project, with the administrator's credentials. Each step is a change by itself: what has
 * failed half-way is gone on with by doing it again.
 */
export function openBigQueryProvisioner(name: string, config: ResolvedBigQueryConfig, asked: Asked): Provisioner {
  const client = new BigQueryClient(config);
  const backend = bigQueryBackend(config, client);
  const making: Making = { backend, config, asked, actions: new Map() };
  const look = async (wanted: WantedProvision): Promise<ProvisionPlan> =>
    planOf(name, await readFacts(client, backend, wanted), wanted, making);
  const run = async ({ object, sql }: ProvisionStep): Promise<void> => {
    for (const text of sql) {
      const action = making.actions.get(text);
      const done = action ? act(client, action) : backend.run('provision', statementOf`${raw(text)}`);
      await done.catch((error: unknown) => {
        throw denied(bigQueryFailure(error, { object }), text);
      });
    }
  };
  return {
    plan: look,
    apply: (wanted, { prune }) => makeSo({ look: () => look(wanted), run }, prune),
    close: () => backend.close(),
  };
}

function denied(error: Error, text: string): Error {
  const failure = loadErrorOf(error);
  if (failure?.type !== 'PermissionDenied') return error;
  const { object, got } = failure.details[0];
  return loadFailure('PermissionDenied', {
    object,
    ...(got && { got }),
    remedy: `Provision as an owner of the dataset, or with roles/bigquery.admin: ${text}.`,
  });
}

/** Changes what is there as it was read a moment ago, so that of two who change an access list neither takes back what the other did. */
async function act(client: BigQueryClient, action: Action): Promise<void> {
  const dataset = action.kind === 'access' ? action.change.dataset : action.dataset;
  if (action.kind === 'make') return client.makeDataset(dataset, action.fields);
  for (let attempt = 1; ; attempt++) {
    const found = await client.getDataset(dataset);
    if (found === null) throw loadFailure('TargetNotFound', { object: `dataset ${dataset}` });
    const fields =
      action.kind === 'access'
        ? { access: changed(found.access ?? [], action.change) }
        : { ...action.fields, ...(action.fields.labels && { labels: { ...found.labels, ...action.fields.labels } }) };
    try {
      return await client.patchDataset(dataset, found.etag, fields);
    } catch (error) {
      if ((error as ApiError).code !== 412 || attempt === patience) throw error;
    }
  }
}
