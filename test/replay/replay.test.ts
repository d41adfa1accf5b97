import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { historyFromJSON } from '@temporalio/common/lib/proto-utils';
import { bundleWorkflowCode, DefaultLogger, Runtime, Worker } from '@temporalio/worker';
import { workflowBundle } from '../integration/support/workflow-bundle';
import { stepsOf } from '../integration/support/history';

/**
 * Histories of every protocol that was ever emitted, by every path: `protocol-<n>.<path>.json`. They were recorded by
 * `scripts/record-histories.mjs` and are never recorded again once the protocol is released.
 */
const folder = join(__dirname, '..', 'histories');
const root = join(__dirname, '..', '..');

const histories = readdirSync(folder)
  .filter((name) => name.endsWith('.json'))
  .map((name) => name.slice(0, -'.json'.length))
  .sort()
  .map((name) => ({ name, history: historyFromJSON(JSON.parse(readFileSync(join(folder, `${name}.json`), 'utf8'))) }));

Runtime.install({
  logger: new DefaultLogger('ERROR', () => undefined),
  telemetryOptions: { logging: { filter: { core: 'OFF' as 'ERROR', other: 'OFF' as 'ERROR' }, forward: {} } },
});

const quiet = new DefaultLogger('ERROR', () => undefined);

/** The histories that this workflow code does not replay, and why. */
async function replayAll(bundle: { code: string }): Promise<Map<string, string>> {
  const broken = new Map<string, string>();
  const input = histories.map(({ name, history }) => ({ workflowId: name, history }));
  for await (const { workflowId, error } of Worker.runReplayHistories({ workflowBundle: bundle }, input)) {
    if (error) broken.set(workflowId, `${error.name}: ${error.message}`);
  }
  return broken;
}

/** The same workflows with one change in their sources. */
async function bundleOf(file: string, before: string, after: string): Promise<{ code: string }> {
  const copy = mkdtempSync(join(tmpdir(), 'loadline-replay-'));
  try {
    const workflows = join('test', 'integration', 'support', 'workflows.ts');
    cpSync(join(root, 'workflows'), join(copy, 'workflows'), { recursive: true });
    mkdirSync(join(copy, workflows, '..'), { recursive: true });
    cpSync(join(root, workflows), join(copy, workflows));
    symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'), 'dir');
    const source = readFileSync(join(copy, file), 'utf8');
    if (source.split(before).length !== 2) throw new Error(`${file} does not hold this once: ${before}`);
    writeFileSync(join(copy, file), source.replace(before, after));
    return await bundleWorkflowCode({ workflowsPath: join(copy, workflows), logger: quiet });
  } finally {
    rmSync(copy, { recursive: true, force: true });
  }
}

const withExtract = histories.filter((h) => stepsOf(h.history).includes('extract')).map((h) => h.name);
const withPublish = histories.filter((h) => stepsOf(h.history).includes('publish')).map((h) => h.name);

test('there is a history of every path', () => {
  const paths = [
    'loaded',
    'already-loaded',
    'failed',
    'cancelled',
    'stage-lost',
    'source-overlap',
    'schema-moved',
    'load-set',
    'held-and-released',
    'held-and-quarantined',
    'held-and-rejected',
    'held-until-time-was-over',
    'held-and-lost',
    'held-and-cancelled',
    'search-attributes-absent',
  ];
  expect(histories.map((h) => h.name)).toEqual(expect.arrayContaining(paths.map((path) => `protocol-1.${path}`)));
  const steps = Object.fromEntries(histories.map((h) => [h.name.replace('protocol-1.', ''), stepsOf(h.history)]));
  expect(steps).toMatchObject({
    loaded: 'openLoad extract stage audit publish',
    'already-loaded': 'openLoad',
    failed: 'openLoad extract stage discard settle',
    cancelled: 'openLoad extract stage audit publish discard settle',
    'stage-lost': 'openLoad extract stage audit publish stage audit publish',
    'source-overlap': 'openLoad extract stage audit publish extract stage audit publish',
    'schema-moved': 'openLoad extract stage audit publish openLoad extract stage audit publish',
    'load-set': 'openLoad extract extract stage audit stage audit publish',
    'held-and-released': 'openLoad extract stage audit hold audit publish',
    'held-and-quarantined': 'openLoad extract stage audit hold audit publish',
    'held-and-rejected': 'openLoad extract stage audit hold reject',
    'held-until-time-was-over': 'openLoad extract stage audit hold reject',
    'held-and-lost': 'openLoad extract stage audit hold audit stage audit publish',
    'held-and-cancelled': 'openLoad extract stage audit hold discard settle',
    'search-attributes-absent': 'openLoad extract stage audit publish',
  });
});

test('no history tells of the machine that it was recorded on', () => {
  for (const name of readdirSync(folder)) {
    const text = readFileSync(join(folder, name), 'utf8');
    expect([name, text.length < 60_000]).toEqual([name, true]);
    const clear = [...text.matchAll(/"data":"([A-Za-z0-9+/=]+)"/g)].map(([, data]) =>
      Buffer.from(data!, 'base64').toString(),
    );
    expect([name, [text, ...clear].join('\n').match(/\/work\/|\/tmp\/|\/root|\/home|postgres:\/\//)]).toEqual([
      name,
      null,
    ]);
  }
});

test('every history replays with the current workflow code', async () => {
  expect(await replayAll(await workflowBundle())).toEqual(new Map());
});

describe('replay is red for', () => {
  test('an activity more inside a protocol that was emitted', async () => {
    const changed = await bundleOf(
      'workflows/protocol-1.ts',
      '    const { open } = result;\n',
      '    const { open } = result;\n    await settle(open);\n',
    );
    const broken = await replayAll(changed);
    expect([...broken.keys()].sort()).toEqual(withExtract);
    for (const why of broken.values()) expect(why).toMatch(/^DeterminismViolationError: .*TMPRL1100/s);
  });

  // Core looks at the names of search attributes alone: another value would replay.
  test('search attributes that are left out', async () => {
    const changed = await bundleOf('workflows/protocol-1.ts', 'indexOutcome(result, receipt.outcome);', '');
    const broken = await replayAll(changed);
    expect(broken.has('protocol-1.loaded')).toBe(true);
    expect(broken.has('protocol-1.search-attributes-absent')).toBe(false);
  });

  test('an activity under another name', async () => {
    const changed = await bundleOf(
      'workflows/steps.ts',
      "'loadline.publish',",
      "'loadline.publish2' as 'loadline.publish',",
    );
    expect([...(await replayAll(changed)).keys()].sort()).toEqual(withPublish);
  });
});
