import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { defaultPayloadConverter } from '@temporalio/common';
import { historyFromJSON } from '@temporalio/common/lib/proto-utils';
import { endedText } from '../../../cli/progress';
import { paceOf, progressLine, progressText } from '../../../cli/progress-line';
import { stepLog, type EndedStep } from '../../../cli/step-log';
import { plain } from './streams';
import type { Client } from '@temporalio/client';
import type { LoadSituation } from '../../../cli/progress';

/** A client that reads payloads as they are. */
const client = { options: { loadedDataConverter: { payloadConverter: defaultPayloadConverter, payloadCodecs: [] } } } as unknown as Client; // prettier-ignore

/** The steps of a run that was recorded from a real server. */
async function stepsOf(history: string): Promise<EndedStep[]> {
  const file = join(__dirname, '../../histories/0.1.0', `protocol-1.${history}.json`);
  const log = stepLog(client);
  const steps: EndedStep[] = [];
  for (const event of historyFromJSON(JSON.parse(readFileSync(file, 'utf8'))).events ?? []) {
    const step = await log(event);
    if (step) steps.push(step);
  }
  return steps;
}

/** Steps as they are shown, without their durations, which are those of a day long past. */
const shown = async (history: string): Promise<string[]> =>
  (await stepsOf(history)).map((step) => plain(endedText({ ...step, elapsedMs: 850 })));

test('every step of a run is a line: what it was, how long it took, what came of it', async () => {
  expect(await shown('loaded')).toMatchInlineSnapshot(`
   [
     "✓ open        850 ms  loadline_histories.public.orders, 2026-01-01..2026-01-02",
     "✓ extract     850 ms  1 file, 12 B",
     "✓ stage       850 ms  1 row",
     "✓ audit       850 ms  1 row passed",
     "✓ publish     850 ms  loaded",
   ]
  `);
});

test('a run that failed shows which step failed with which code, and what was done about it', async () => {
  expect(await shown('failed')).toMatchInlineSnapshot(`
   [
     "✓ open        850 ms  loadline_histories.public.orders, 2026-01-01..2026-01-02",
     "✓ extract     850 ms  1 file, 12 B",
     "✗ stage       850 ms  InvalidValue",
     "✓ discard     850 ms",
     "✓ settle      850 ms  the ledger does not have it",
   ]
  `);
});

test('a run of several tables names the table of a step', async () => {
  expect(await shown('load-set')).toMatchInlineSnapshot(`
   [
     "✓ open        850 ms  loadline_histories.public.orders, loadline_histories.public.lines, 2026-01-01..2026-01-02",
     "✓ extract     850 ms  1 file, 12 B",
     "✓ extract     850 ms  1 file, 12 B",
     "✓ stage       850 ms  1 row, loadline_histories.public.orders",
     "✓ audit       850 ms  1 row passed, loadline_histories.public.orders",
     "✓ stage       850 ms  1 row, loadline_histories.public.lines",
     "✓ audit       850 ms  1 row passed, loadline_histories.public.lines",
     "✓ publish     850 ms  loaded",
   ]
  `);
});

test('content that was loaded before is said where it was noticed', async () => {
  expect(await shown('already-loaded')).toMatchInlineSnapshot(`
   [
     "✓ open        850 ms  loaded before",
   ]
  `);
});

test('a step took as long as all of its attempts', async () => {
  const steps = await stepsOf('loaded-with-step-retries');
  expect(steps.map(({ elapsedMs }) => elapsedMs >= 0)).toEqual(steps.map(() => true));
  expect(Math.max(...steps.map(({ elapsedMs }) => elapsedMs))).toBeGreaterThan(1000);
});

describe('how far a step is', () => {
  const stage: LoadSituation = { step: 'stage', attempt: 1, since: 0, rows: 0, bytes: 0, totalBytes: 3e8 };
  const first = paceOf(stage, undefined, 0);
  const half: LoadSituation = { ...stage, rows: 600_000, bytes: 1.5e8 };
  const pace = paceOf(half, first, 10_000);

  test('is told with rows, rates and the time that is left', () => {
    expect(progressText(half, pace)).toBe('stage  50 %, 600,000 rows, 60,000 rows/s, 15.0 MB/s, 10 s left');
  });

  test('is told at the pace of late, not of the whole step', () => {
    const later = paceOf({ ...half, rows: 640_000, bytes: 1.6e8 }, pace, 30_000);
    expect(later.rowsPerSecond).toBe(2000);
    expect(paceOf({ ...half, rows: 640_000, bytes: 1.6e8 }, later, 31_000)).toBe(later);
  });

  test('begins anew with another attempt', () => {
    expect(paceOf({ ...stage, attempt: 2 }, pace, 20_000)).not.toHaveProperty('rowsPerSecond');
  });

  test('fits on the line: what matters least makes room', () => {
    const line = (columns: number): string => plain(progressLine(half, pace, columns, 0));
    expect([100, 79, 59].map(line)).toMatchInlineSnapshot(`
     [
       "⠋ stage    ━━━━━━━━━━──────────  50 %  600,000 rows  60,000 rows/s  15.0 MB/s  10 s left",
       "⠋ stage    ━━━━━━━━━━──────────  50 %  600,000 rows  60,000 rows/s  10 s left",
       "⠋ stage    ━━━━━━──────  50 %  600,000 rows  10 s left",
     ]
    `);
    for (const columns of [100, 79, 59, 40]) expect(line(columns).length).toBeLessThanOrEqual(columns);
  });

  test('is the time that it takes where nobody knows the end', () => {
    const publish: LoadSituation = { step: 'publish', attempt: 1, since: 0, rows: 1000, detail: 'shop.public.orders' };
    const publishing = paceOf(publish, undefined, 3000);
    expect(plain(progressLine(publish, publishing, 79, 4200))).toMatch(
      /^\S publish {8}4 s {2}1,000 rows {2}shop\.public\.orders$/,
    );
    expect(publishing).not.toHaveProperty('rowsPerSecond');
  });
});
