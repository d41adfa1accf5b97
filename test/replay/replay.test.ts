import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { historyFromJSON } from '@temporalio/common/lib/proto-utils';
import { bundleWorkflowCode, DefaultLogger, Runtime, Worker } from '@temporalio/worker';
import { emittedProtocol } from '../../activities/open-load';
import { namedHistory, replayHistories, type DivergenceCode } from '../../workers/replay';
import { workflowBundle } from '../integration/support/workflow-bundle';
import { stepsOf } from '../integration/support/history';

/**
 * Histories of every version and every protocol that it emitted, by every path: `<version>/protocol-<n>.<path>.json`. They
 * were recorded by `scripts/record-histories.mjs` and are never recorded again once the version is released.
 */
const folder = join(__dirname, '..', 'histories');
const root = join(__dirname, '..', '..');
const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };

const histories = readdirSync(folder, { recursive: true })
  .map(String)
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

/** What the gate says of each history that it does not find as it was. */
async function gateSays(bundle: { code: string }): Promise<Map<string, DivergenceCode[]>> {
  const found = new Map<string, DivergenceCode[]>();
  const input = histories.map(({ name, history }) => namedHistory(history, name));
  for await (const { name, divergences } of replayHistories(bundle, input))
    if (divergences.length > 0) found.set(name, [...new Set(divergences.map(({ code }) => code))]);
  return found;
}

/** The same workflows with one change in their sources, and with the listener of the gate. */
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
    const workflowInterceptorModules = [join(copy, 'workflows', 'replay-probe.ts')];
    return await bundleWorkflowCode({
      workflowsPath: join(copy, workflows),
      workflowInterceptorModules,
      logger: quiet,
    });
  } finally {
    rmSync(copy, { recursive: true, force: true });
  }
}

const withExtract = histories.filter((h) => stepsOf(h.history).includes('extract')).map((h) => h.name);
const withPublish = histories.filter((h) => stepsOf(h.history).includes('publish')).map((h) => h.name);

const paths = {
  loaded: 'openLoad extract stage audit publish',
  'loaded-with-step-retries': 'openLoad extract stage audit publish',
  'already-loaded': 'openLoad',
  'already-loaded-by-content': 'openLoad extract',
  'already-loaded-by-files': 'openLoad extract',
  failed: 'openLoad extract stage discard settle',
  refused: 'openLoad',
  cancelled: 'openLoad extract stage audit publish discard settle',
  'batch-changed': 'openLoad extract discard settle',
  'stage-lost': 'openLoad extract stage audit publish stage audit publish',
  'source-overlap': 'openLoad extract stage audit publish extract stage audit publish',
  'schema-moved': 'openLoad extract stage audit publish openLoad extract stage audit publish',
  'load-set': 'openLoad extract extract stage audit stage audit publish',
  'load-beside': 'openLoad extract stage audit publish openLoad extract stage audit publish',
  'held-and-released': 'openLoad extract stage audit hold audit publish',
  'held-and-quarantined': 'openLoad extract stage audit hold audit publish',
  'held-and-rejected': 'openLoad extract stage audit hold reject',
  'held-until-time-was-over': 'openLoad extract stage audit hold reject',
  'held-and-lost': 'openLoad extract stage audit hold audit stage audit publish',
  'held-and-cancelled': 'openLoad extract stage audit hold discard settle',
  'fan-out': 'openLoad openLoad extract extract stage stage audit audit publish publish',
  'continued-as-new': 'openLoad extract stage audit publish',
  continued: 'openLoad extract stage audit publish',
  'search-attributes-absent': 'openLoad extract stage audit publish',
};

test('this version has a history of every path of the protocol that it emits', () => {
  const prefix = `${version}/protocol-${emittedProtocol}.`;
  const own = histories.filter(({ name }) => name.startsWith(prefix));
  // Of steps beside each other either may come first.
  const sorted = (name: string, steps: string): string =>
    name === 'fan-out' ? steps.split(' ').sort().join(' ') : steps;
  const steps = own.map(({ name, history }) => [name.slice(prefix.length), stepsOf(history)] as const);
  const expected = Object.entries(paths).map(([name, all]) => [name, sorted(name, all)]);
  expect(Object.fromEntries(steps.map(([name, all]) => [name, sorted(name, all)]))).toEqual(
    Object.fromEntries(expected),
  );
});

test('fan-out has loads in the run and in child workflows; continue-as-new has the run before and the run after', () => {
  const eventsOf = (path: string) => histories.find(({ name }) => name.endsWith(`.${path}`))!.history.events!;
  const children = eventsOf('fan-out').filter((event) => event.childWorkflowExecutionCompletedEventAttributes);
  expect(children).toHaveLength(2);
  expect(eventsOf('continued-as-new').at(-1)?.workflowExecutionContinuedAsNewEventAttributes).toBeTruthy();
  const started = eventsOf('continued')[0]!.workflowExecutionStartedEventAttributes;
  expect(started?.continuedExecutionRunId).toBeTruthy();
});

test('no history tells of the machine that it was recorded on', () => {
  for (const { name } of histories) {
    const text = readFileSync(join(folder, `${name}.json`), 'utf8');
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

test('the gate finds in every history what the current workflow code asks for', async () => {
  expect(
    await gateSays(await bundleOf('workflows/load.ts', 'switch (result.protocol)', 'switch (result.protocol)')),
  ).toEqual(new Map());
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
    expect(broken.has('0.1.0/protocol-1.loaded')).toBe(true);
    expect(broken.has('0.1.0/protocol-1.search-attributes-absent')).toBe(false);
  });

  test('an activity under another name', async () => {
    const changed = await bundleOf(
      'workflows/steps.ts',
      "'loadline.publish',",
      "'loadline.publish2' as 'loadline.publish',",
    );
    expect([...(await replayAll(changed)).keys()].sort()).toEqual(withPublish);
  });

  // Temporal compares neither inputs nor durations: both of these replay green, and only the gate sees them.
  test('a changed load key', async () => {
    const changed = await bundleOf(
      'test/integration/support/workflows.ts',
      'for (const request of requests) receipts.push(await load(request));',
      "for (const request of requests) receipts.push(await load({ ...request, part: 'v2' }));",
    );
    expect(await replayAll(changed)).toEqual(new Map());
    expect(await gateSays(changed)).toEqual(new Map([['0.1.0/protocol-1.load-beside', ['LoadKeyChanged']]]));
  });

  test('a changed timer', async () => {
    const changed = await bundleOf(
      'workflows/hold.ts',
      '.given !== undefined, forMs)',
      '.given !== undefined, forMs * 2)',
    );
    expect(await replayAll(changed)).toEqual(new Map());
    const held = histories.filter(({ history }) => stepsOf(history).includes('hold'));
    expect(await gateSays(changed)).toEqual(new Map(held.map(({ name }) => [name, ['TimerChanged']])));
  });
});
