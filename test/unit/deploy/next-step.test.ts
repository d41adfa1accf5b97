import { nextStep } from '../../../client/deploy/next-step';
import { previousBuild } from '../../../client/deploy/previous';
import { resolveDeploy } from '../../../client/deploy/options';
import { judgeBackward } from '../../../client/deploy/judge-backward';
import { canaryIdOf, canaryOf, receiptsIn } from '../../../workflows/canary-run';
import type { KnownBuild, Routing } from '../../../client/deploy/routing';

const routing = (current: string | null, ramping: string | null = null, percent = 0): Routing => ({
  current,
  ramping,
  percent,
  percentSinceMs: null,
  builds: [],
  token: new Uint8Array(),
});

test.each([
  [routing('v2'), { do: 'nothing' }],
  [routing(null), { do: 'promote-first' }],
  [routing('v1'), { do: 'begin', steps: [10, 50] }],
  [routing('v1', 'v2', 0), { do: 'begin', steps: [10, 50] }],
  [routing('v1', 'v2', 10), { do: 'resume', percent: 10, steps: [50] }],
  [routing('v1', 'v2', 33), { do: 'resume', percent: 33, steps: [50] }],
  [routing('v1', 'v2', 50), { do: 'resume', percent: 50, steps: [] }],
  [routing('v1', 'v3', 10), { do: 'refuse', other: 'v3' }],
  [routing('v1', 'v3', 0), { do: 'begin', steps: [10, 50] }],
])('the server says where a deploy of v2 is: %#', (found, next) => {
  expect(nextStep(found, 'v2', [10, 50])).toEqual(next);
});

const build = (buildId: string, currentAtMs: number | null): KnownBuild => ({
  buildId,
  state: 'drained',
  currentAtMs,
  rampingSinceMs: null,
});

test('the build before is the one that was noted, else the one that was current last and not rolled back', () => {
  const builds = [build('v1', 1), build('v2', 2), build('v3', 3), build('v4', null)];
  expect(previousBuild('v3', builds, new Map([['v3', { previous: 'v1' }]]))).toBe('v1');
  expect(previousBuild('v3', builds, new Map())).toBe('v2');
  expect(previousBuild('v2', builds, new Map([['v3', { rolledBack: 'then' }]]))).toBe('v1');
  expect(previousBuild('v1', [build('v1', 1), build('v4', null)], new Map())).toBeNull();
  expect(previousBuild('v3', [build('v3', 3)], new Map([['v3', { previous: 'forgotten' }]]))).toBeNull();
});

test.each([
  [{ ramp: [50, 10] }, 'ramp'],
  [{ ramp: [0, 10] }, 'ramp'],
  [{ ramp: [101] }, 'ramp'],
  [{ minRuns: 0 }, 'minRuns'],
  [{ maxFailureRate: 1 }, 'maxFailureRate'],
  [{ observe: '10' }, 'observe'],
  [{ wait: 'long' }, 'wait'],
  [{ buildId: '' }, 'buildId'],
])('%j is refused by the name of the option', (options, name) => {
  expect(() => resolveDeploy(options, 'v1')).toThrow(`deploy: ${name}`);
});

test('a rollback is proved by the old bundle alone', () => {
  const way = { previous: 'v1', follows: true, required: false };
  const broken = [{ name: 'w', workflowId: 'w', workflowType: 't', divergences: [{ code: 'Nondeterminism', message: 'no' }] }] as const; // prettier-ignore
  expect(judgeBackward({ ...way, verdicts: [] }).verdict).toBe('pass');
  expect(judgeBackward({ ...way, verdicts: null }).verdict).toBe('warn');
  expect(judgeBackward({ ...way, verdicts: null, required: true }).verdict).toBe('fail');
  expect(judgeBackward({ ...way, verdicts: broken }).verdict).toBe('fail');
  // Pinned runs stay where they are.
  expect(judgeBackward({ ...way, verdicts: broken, follows: false }).verdict).toBe('warn');
});

test('which canary a workflow belongs to is told by its id', () => {
  const id = canaryIdOf('orders/eu', 'v2');
  expect(canaryOf(`${id}/first`)).toBe(id);
  expect(canaryOf(id)).toBe(id);
  expect(canaryOf('orders-2026')).toBeNull();
});

test('receipts are found however a workflow returns them, and nothing else is', () => {
  const receipt = { loadKey: 'k', loadId: 'l', outcome: 'loaded', buildId: 'v2', pipeline: 'p' };
  const found = { loadKey: 'k', outcome: 'loaded', buildId: 'v2' };
  expect(receiptsIn({ all: [receipt, { deep: receipt }], n: 1 })).toEqual([found, found]);
  expect(receiptsIn('text')).toEqual([]);
});
