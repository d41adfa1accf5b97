import { randomUUID } from 'node:crypto';
import type { WorkflowFailedError } from '@temporalio/client';
import { loadErrorOf, type LoadFailure } from '../../../workflows/load-error';
import { loadErrors } from '../../../workflows/load-error-code';
import type { LoadErrorCode } from '../../../workflows/load-error-code';
import type { LoadRequest } from '../../../workflows/contract';
import { activitiesOf, fetchHistory, textOf } from './history';
import type { Lab } from './lab';

/** What a refused load is expected to say. */
export interface ExpectedRefusal {
  readonly code: LoadErrorCode;
  /** Texts of the message: the object, what was expected, what was there. */
  readonly says: readonly (string | RegExp)[];
  /** Values of rows and secrets, which must stay out of everything that is kept. */
  readonly hides?: readonly string[];
  /** The workflow to run. @default 'loadTable' */
  readonly workflow?: string;
  /** What the activity may need, where the failure is tried again. @default 1 */
  readonly attempts?: number;
}

/** Runs a load that must fail at once, tell a person what to do, change nothing and tell nothing that it must not. */
export async function expectRefused(
  lab: Lab,
  request: LoadRequest | unknown,
  expected: ExpectedRefusal,
): Promise<LoadFailure> {
  const before = await stateOf(lab);
  const logged = lab.logs.length;
  const workflowId = `refused-${randomUUID()}`;
  const handle = await lab.start(expected.workflow ?? 'loadTable', [request], { workflowId });
  const error = (await handle.result().then(
    (receipt: unknown) => Promise.reject(new Error(`nothing failed: ${JSON.stringify(receipt)}`)),
    (e: unknown) => e,
  )) as WorkflowFailedError;
  const failure = loadErrorOf(error);
  if (!failure) throw error;
  const [details] = failure.details;

  expect([failure.type, failure.message]).toEqual([expected.code, expect.any(String)]);
  for (const text of expected.says)
    expect(failure.message).toMatch(
      typeof text === 'string' ? new RegExp(text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')) : text,
    );
  expect(details).toMatchObject({
    code: expected.code,
    object: expect.stringMatching(/./) as string,
    remedy: expect.stringMatching(/./) as string,
  });
  expect(failure.message).toContain(details.object);
  expect(failure.message).toContain(details.remedy);
  if (details.expected) expect(failure.message).toContain(details.expected);
  if (details.got) expect(failure.message).toContain(details.got);
  expect(failure.message).not.toMatch(/undefined|\[object|NaN/);

  const history = await fetchHistory(lab.client, workflowId);
  const failed = activitiesOf(history).filter((a) => a.outcome === 'failed');
  if (failed.length) expect(failed.map((a) => a.attempt)).toEqual(failed.map(() => expected.attempts ?? 1));
  expect(loadErrors[expected.code].retry).not.toBe(true);

  const kept = [
    textOf(history),
    failure.message,
    failure.stack ?? '',
    JSON.stringify(details),
    ...lab.logs.slice(logged).map(asText),
  ].join('\n');
  for (const secret of expected.hides ?? []) {
    const at = kept.indexOf(secret);
    if (at >= 0) throw new Error(`"${secret}" is kept in: ${kept.slice(Math.max(0, at - 300), at + 100)}`);
  }
  expect(await lab.leftStages()).toEqual([]);
  expect(await stateOf(lab)).toEqual(before);
  return failure;
}

function asText(entry: { message: string; meta?: unknown }): string {
  const error = (entry.meta as { error?: Error } | undefined)?.error;
  return [entry.message, JSON.stringify(entry.meta), error?.stack, error?.message].join('\n');
}

/** Everything that a load may change, but for claims that are free. */
async function stateOf(lab: Lab): Promise<unknown> {
  const tables = await lab.rows<{ name: string }>(
    `SELECT format('%I.%I', schemaname, tablename) AS name FROM pg_tables
     WHERE schemaname NOT IN ('pg_catalog', 'information_schema', '_loadline', '_loadline_stage')
     UNION ALL SELECT '_loadline.' || t FROM unnest(ARRAY['ledger', 'files', 'quarantine']) t ORDER BY 1`,
  );
  const state: Record<string, string | null> = {};
  for (const { name } of tables) {
    const [found] = await lab.rows<{ h: string | null }>(
      `SELECT count(*) || md5(string_agg(t::text, E'\\n' ORDER BY t::text)) AS h FROM ${name} t`,
    );
    // A table that the load made and left empty is no change of content.
    if (found!.h !== null) state[name] = found!.h;
  }
  // The lease of an applied claim means nothing, and may end at any moment.
  const claims = await lab.rows(
    `SELECT * FROM (
       SELECT load_key, state, applied_generation, state = 'held' OR (state = 'open' AND lease_until > clock_timestamp()) AS live
       FROM _loadline.claims) c
     WHERE applied_generation IS NOT NULL OR live ORDER BY load_key`,
  );
  return { state, claims };
}
