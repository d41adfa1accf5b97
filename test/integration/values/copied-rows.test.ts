import { PassThrough } from 'node:stream';
import { once } from 'node:events';
import { withCopiedRows } from '../../../activities/warehouses/postgres/copied-rows';
import { PostgresClient } from '../../../activities/warehouses/postgres/client';
import { openLab, type Lab } from '../support/lab';
import type { ResolvedPostgresConfig } from '../../../activities/warehouses/postgres/config';
import type { StepContext, StepProgress } from '../../../activities/warehouses/warehouse';

let lab: Lab;
let client: PostgresClient;
const bounds = { timeoutMs: 60_000, frozenTimeoutMs: 60_000, lockTimeoutMs: 10_000 };
const aborting = new AbortController();

beforeAll(async () => {
  lab = await openLab('copied-rows');
  client = new PostgresClient({ ...(lab.config.warehouses.get('main') as ResolvedPostgresConfig), url: lab.url });
});
afterAll(async () => {
  await client.close();
  await lab.stop();
});

test('the rows of a COPY under way are told on top of those of the files before it', async () => {
  const told: StepProgress[] = [];
  const context = { signal: aborting.signal, progress: (done: StepProgress) => void told.push(done) } as StepContext;
  const text = new PassThrough();
  await client.transaction(bounds, aborting.signal, async (tx) => {
    await tx.run('test:create', 'CREATE TABLE copied (id int)');
    const counting = await withCopiedRows(client, tx, 'copied', context);
    const copying = tx.copyIn('test:copy', 'COPY copied FROM STDIN', text, aborting.signal);
    if (!text.write('1\n'.repeat(200_000))) await once(text, 'drain');
    const tell = setInterval(() => counting.progress({ step: 'stage', rows: 1_000_000 }), 20);
    try {
      while ((told.at(-1)?.rows ?? 0) < 1_100_000) await new Promise((resolve) => setTimeout(resolve, 20));
    } finally {
      clearInterval(tell);
    }
    text.end();
    expect(await copying).toBe(200_000);
    // Another file's COPY has not begun: nothing of the last one is counted twice.
    counting.progress({ step: 'stage', rows: 1_200_000 });
    expect(told.at(-1)?.rows).toBe(1_200_000);
    return { value: undefined, commit: false };
  });
  expect(told[0]).toEqual({ step: 'stage', rows: 1_000_000 });
});
