import { loadFailure } from '../../../workflows/load-error';
import { GuardFailed, type RunOptions, type Unit } from '../sql/port';
import type { JobConfiguration } from './api';
import type { BigQueryClient } from './client';
import { bigQueryFailure, isConflict } from './errors';
import { errorOf, jobOnce, label, labelsOf, pause, type OnceJob } from './jobs';
import { rowsOf } from './results';
import { countersOf, hashOf, refusalOf, unitScript } from './unit-script';

/** See `SqlBackend.unit`. */
export async function runUnit(
  client: BigQueryClient,
  unit: Unit,
  options: RunOptions = {},
): Promise<Readonly<Record<string, number>>> {
  const once = onceUnit(client, unit, options);
  const { lockTimeoutMs } = client.config;
  const until = Date.now() + lockTimeoutMs;
  for (let attempt = 1, from = 0; ; attempt++) {
    const ended = await jobOnce(client, once, from, options.signal).catch((error: unknown) => {
      throw options.signal?.aborted || error instanceof GuardFailed
        ? error
        : bigQueryFailure(error, { object: objectOf(unit) });
    });
    const error = errorOf(ended);
    if (error === undefined) {
      const { jobId, page } = ended;
      const [row = {}] = await rowsOf<Record<string, unknown>>(client, jobId, page).catch((cause: unknown) => {
        // It has happened; what it has counted is lost for now, or for ever once BigQuery has dropped the result.
        throw once.unknown(cause);
      });
      return countersOf(unit, row);
    }
    if (!ended.own || !isConflict(error)) throw failureOf(unit, error);
    if (Date.now() > until)
      throw bigQueryFailure(error, { object: objectOf(unit), got: 'a conflict with other transactions' });
    await pause(attempt, options.signal);
    from = ended.generation + 1;
  }
}

function onceUnit(client: BigQueryClient, unit: Unit, { timeoutMs, open = unit.open }: RunOptions): OnceJob {
  const { config } = client;
  const { query, queryParameters, hash } = unitScript(unit);
  const configuration: JobConfiguration = {
    labels: labelsOf(config.labels, unit.name, open, hash) ?? {},
    jobTimeoutMs: String(timeoutMs ?? config.publishTimeoutMs),
    query: {
      query,
      queryParameters,
      useLegacySql: false,
      ...(queryParameters.length > 0 && { parameterMode: 'NAMED' }),
      ...(config.maximumBytesBilled && { maximumBytesBilled: config.maximumBytesBilled }),
    },
  };
  return {
    query: 'rows',
    id: `loadline-${label(unit.name)}-${hashOf(config.project, config.ledgerDataset, unit.id)}`,
    start: (jobId) => client.insertJob(jobId, configuration),
    isSame: (job) => job.configuration.labels?.['loadline_text'] === hash,
    // Another attempt was faster, and has decided by what it read. Nothing of this text has happened: whoever asks, decides anew.
    differs: () => new GuardFailed('UnitHappened'),
    unknown: (cause) => loadFailure('CommitOutcomeUnknown', { object: objectOf(unit), got: 'no answer', cause }),
  };
}

const objectOf = ({ name, open }: Unit): string => (open ? `${name} of ${open.loadKey}` : name);

function failureOf(unit: Unit, error: { readonly message?: string }): Error {
  const refused = refusalOf(error.message ?? '');
  if (refused?.kind === 'guard') return new GuardFailed(refused.what);
  if (refused?.kind === 'lock')
    return loadFailure('LockRowMissing', { object: unit.locks[Number(refused.what)]?.object ?? objectOf(unit) });
  return bigQueryFailure(error, { object: objectOf(unit) });
}
