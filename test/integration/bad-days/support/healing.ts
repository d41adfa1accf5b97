import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { WorkflowHandle } from '@temporalio/client';
import { Client } from 'pg';
import { loadErrors, type LoadErrorCode } from '../../../../workflows/load-error-code';
import type { LoadReceipt, LoadRequest } from '../../../../workflows/contract';
import { fetchHistory, textOf } from '../../support/history';
import type { Lab } from '../../support/lab';
import { expectBalanced } from '../../support/receipts';

/** Asks a database over a connection of its own, as nothing of the load's may be needed for it. */
export async function ask<R = Record<string, unknown>>(url: string, ...statements: readonly string[]): Promise<R[]> {
  const client = new Client({ connectionString: url });
  client.on('error', () => undefined);
  await client.connect();
  try {
    let rows: unknown[] = [];
    for (const statement of statements) rows = (await client.query<Record<string, unknown>>(statement)).rows;
    return rows as R[];
  } finally {
    await client.end();
  }
}

/** What a load shows while it is tried again. */
export interface Shown {
  readonly code: LoadErrorCode;
  readonly message: string;
  readonly activity: string;
  readonly attempt: number;
}

/** Waits until a running load shows the failure of an attempt. */
export async function shown(handle: WorkflowHandle, seconds = 90): Promise<Shown> {
  const until = performance.now() + seconds * 1_000;
  while (performance.now() < until) {
    const { raw, status } = await handle.describe();
    for (const pending of raw.pendingActivities ?? []) {
      const { message = '', applicationFailureInfo } = pending.lastFailure ?? {};
      const code = applicationFailureInfo?.type as LoadErrorCode | undefined;
      if (code)
        return {
          code,
          message: message ?? '',
          activity: pending.activityType?.name ?? '',
          attempt: pending.attempt ?? 0,
        };
    }
    // It will say itself why it has ended.
    if (status.name !== 'RUNNING') throw new Error(`it ended: ${JSON.stringify(await handle.result())}`);
    await sleep(100);
  }
  throw new Error('no attempt has failed');
}

/** A condition that comes and goes while a load is under way. */
export interface BadDay {
  readonly request: LoadRequest | unknown;
  readonly code: LoadErrorCode;
  /** Texts of the message. */
  readonly says: readonly (string | RegExp)[];
  /** What must be in nothing that is kept. */
  readonly hides: readonly string[];
  /** The activity that meets the condition. */
  readonly activity?: string;
  /** Lets the condition come, once the load is started. @default it is there */
  begin?(): Promise<void>;
  /** Ends the condition. */
  mend(): Promise<void>;
}

/** Runs a load into a condition that must be shown by its code, end by itself, and leave the load complete. */
export async function expectHealed(lab: Lab, day: BadDay): Promise<LoadReceipt> {
  const logged = lab.logs.length;
  const handle = await lab.start('loadTable', [day.request], { workflowId: `bad-day-${randomUUID()}` });
  try {
    await day.begin?.();
    const failure = await shown(handle);
    expect(`${failure.code}: ${failure.message}`).toMatch(new RegExp(`^${day.code}: `));
    expect(loadErrors[day.code].retry).not.toBe(false);
    if (day.activity) expect(failure.activity).toBe(`loadline.${day.activity}`);
    for (const text of day.says)
      expect(failure.message).toMatch(typeof text === 'string' ? new RegExp(escaped(text)) : text);
    expect(failure.message).not.toMatch(/undefined|\[object|NaN/);
  } finally {
    await day.mend();
  }
  const receipt = expectBalanced((await handle.result()) as LoadReceipt);
  expect(receipt.outcome).toBe('loaded');
  const kept = [textOf(await fetchHistory(lab.client, handle.workflowId)), ...lab.logs.slice(logged).map(asText)].join(
    '\n',
  );
  for (const secret of day.hides) expect(kept).not.toContain(secret);
  return receipt;
}

const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');

function asText(entry: { message: string; meta?: unknown }): string {
  const error = (entry.meta as { error?: Error } | undefined)?.error;
  return [entry.message, JSON.stringify(entry.meta), error?.stack, error?.message].join('\n');
}
