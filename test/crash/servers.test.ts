import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startPostgres, type EmbeddedPostgres } from '../../workers/embedded/postgres';
import { loadlineSearchAttributes } from '../../workers/embedded/stack';
import { startTemporalServer, type EmbeddedTemporal } from '../../workers/embedded/temporal-server';
import { openScenario, type Scenario } from './support/scenario';
import { until } from './support/until';
import type { Failpoint } from './support/worker-process';

jest.setTimeout(170_000);

let folder: string;
let stops: (() => Promise<unknown>)[];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'loadline-servers-'));
  await chmod(folder, 0o711);
  stops = [() => rm(folder, { recursive: true, force: true })];
});
afterEach(async () => {
  for (const stop of stops.reverse()) await stop();
});

const hold = { do: 'hold', activity: 'loadline.publish' } as const;
const moments: readonly (readonly [string, Failpoint])[] = [
  ['in the middle of publish', { ...hold, tag: 'publish:insert', moment: 'after' }],
  ['between audit and publish', { ...hold, tag: 'begin', moment: 'before' }],
];

test.each(moments)('PostgreSQL killed %s empties the stage, and the load stages again', async (_, failpoint) => {
  const dataDir = join(folder, 'postgres');
  let server: EmbeddedPostgres = await startPostgres({ dataDir, database: 'crash' });
  stops.push(() => server.stop());
  // The process that holds is no frozen one.
  const scenario = await open({ databaseUrl: server.url, warehouse: { frozenTimeout: '60s' } });
  const load = await scenario.day('append');
  const started = await scenario.start(load);
  const worker = await scenario.worker({ failpoints: [failpoint] });
  await worker.reached();
  await server.kill();
  server = await startPostgres({ dataDir, database: 'crash', port: server.port });
  worker.resume();
  expect((await started.result()).outcome).toBe('loaded');
  const steps = await started.steps();
  expect(steps.filter((s) => s !== 'settle')).toEqual([
    'openLoad',
    'extract',
    'stage',
    'audit',
    'publish',
    'stage',
    'audit',
    'publish',
  ]);
  expect(worker.lines().some((l) => l.message?.endsWith(': StageLost'))).toBe(true);
  await scenario.expectExactlyOnce([load]);
});

test('PostgreSQL killed while a load is held empties its stage, and the verdict counts for the next', async () => {
  const dataDir = join(folder, 'postgres');
  let server: EmbeddedPostgres = await startPostgres({ dataDir, database: 'crash' });
  stops.push(() => server.stop());
  const scenario = await open({ databaseUrl: server.url });
  const load = await scenario.judgedDay();
  const started = await scenario.start(load);
  await scenario.worker();
  await until('a held load', async () => (await started.steps()).includes('hold'));
  await until(
    'its claim',
    async () => (await scenario.rows(`SELECT 1 FROM _loadline.claims WHERE state = 'held'`)).length,
  );
  await server.kill();
  server = await startPostgres({ dataDir, database: 'crash', port: server.port });
  await scenario.decide(started, 'release');
  expect((await started.result()).outcome).toBe('loaded');
  expect(await started.steps()).toEqual([
    'openLoad',
    'extract',
    'stage',
    'audit',
    'hold',
    'audit',
    'stage',
    'audit',
    'publish',
  ]);
  await scenario.expectExactlyOnce([load]);
});

test('the Temporal server and the worker killed while a load is held do not forget it', async () => {
  const options = { dbFilename: join(folder, 'temporal.db'), ui: false, searchAttributes: loadlineSearchAttributes };
  let server: EmbeddedTemporal = await startTemporalServer(options);
  stops.push(() => server.stop());
  const scenario = await open({ temporalAddress: server.address });
  const load = await scenario.judgedDay();
  const started = await scenario.start(load);
  const worker = await scenario.worker();
  await until(
    'its claim',
    async () => (await scenario.rows(`SELECT 1 FROM _loadline.claims WHERE state = 'held'`).catch(() => [])).length,
  );
  worker.signal('SIGKILL');
  await worker.exited;
  await server.kill();
  server = await startTemporalServer({ ...options, port: Number(server.address.split(':')[1]) });
  await scenario.worker();
  await scenario.decide(started, 'release');
  expect((await started.result()).outcome).toBe('loaded');
  await scenario.expectExactlyOnce([load]);
});

test('the Temporal server killed in the middle of a load and started again goes on where it was', async () => {
  const options = { dbFilename: join(folder, 'temporal.db'), ui: false, searchAttributes: loadlineSearchAttributes };
  let server: EmbeddedTemporal = await startTemporalServer(options);
  stops.push(() => server.stop());
  const scenario = await open({ temporalAddress: server.address });
  const load = await scenario.day('merge');
  const started = await scenario.start(load);
  const worker = await scenario.worker({
    failpoints: [{ tag: 'begin', moment: 'before', activity: 'loadline.stage', do: 'hold' }],
  });
  await worker.reached();
  await server.kill();
  // The stage is finished while there is nobody to tell.
  worker.resume();
  expect(await worker.outcome('loadline.stage', 1)).toBe('done');
  server = await startTemporalServer({ ...options, port: Number(server.address.split(':')[1]) });
  expect((await started.result()).outcome).toBe('loaded');
  await scenario.expectExactlyOnce([load]);
});

async function open(options: Parameters<typeof openScenario>[1]): Promise<Scenario> {
  const scenario = await openScenario('server', options);
  stops.push(() => scenario.stop());
  return scenario;
}
