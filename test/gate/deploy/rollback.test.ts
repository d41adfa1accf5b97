import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { WorkflowHandle } from '@temporalio/client';
import { openFleet, type Fleet } from './support/fleet';

const fleets: Fleet[] = [];
afterAll(() => Promise.all(fleets.map((fleet) => fleet.stop())));

async function fleetOf(name: string, versioning: 'pinned' | 'auto-upgrade'): Promise<Fleet> {
  const fleet = await openFleet(name, { versioning });
  fleets.push(fleet);
  await fleet.file('a.csv', 'id,amount\n1,1\n');
  await fleet.file('b.csv', 'id,amount\n2,2\n');
  await fleet.worker('v1');
  const { outcome } = await fleet.deploy('v1', { bundles: join(fleet.folder, 'bundles') });
  expect(outcome).toBe('promoted');
  return fleet;
}

/** Starts a run and waits until it has loaded once. */
async function halfWay(fleet: Fleet, id: string): Promise<WorkflowHandle> {
  const handle = await fleet.start('ordersInTwo', ['a.csv', 'b.csv'], id);
  for (;;) {
    const { events } = await handle.fetchHistory();
    const published = (events ?? []).filter((e) => e.activityTaskCompletedEventAttributes).length >= 5;
    if (published || (await handle.describe()).status.name !== 'RUNNING') return handle;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

test('before promotion the ramp is taken back; after it the build before is current, and pinned runs stay', async () => {
  const fleet = await fleetOf('rollback', 'pinned');
  expect(await fleet.rollback()).toMatchObject({ outcome: 'nothing-to-roll-back', current: 'v1' });
  await fleet.worker('v2');
  await fleet.known('v2');
  const { workflowService } = fleet.client;
  const request = { namespace: 'default', deploymentName: fleet.deployment, buildId: 'v2', percentage: 10 };
  await workflowService.setWorkerDeploymentRampingVersion(request);
  expect(await fleet.rollback()).toMatchObject({ outcome: 'rolled-back', from: 'v2', to: 'v1', ramping: true });
  expect(await fleet.routing()).toBe('v1');

  expect(await fleet.deploy('v2', { ramp: [] })).toMatchObject({ outcome: 'promoted', previous: 'v1' });
  const begun = await halfWay(fleet, `${fleet.deployment}-begun`);
  await expect(fleet.rollback({ confirm: async () => false })).resolves.toMatchObject({ outcome: 'declined' });
  expect(await fleet.routing()).toBe('v2');
  const done = await fleet.rollback();
  expect(done).toMatchObject({ outcome: 'rolled-back', from: 'v2', to: 'v1', pinnedRuns: 1, followingRuns: 0 });
  expect(await fleet.routing()).toBe('v1');
  await begun.signal('go');
  await begun.result();
  expect(await fleet.rows('select id from orders order by 1')).toEqual([{ id: '1' }, { id: '2' }]);
  const { events } = await begun.fetchHistory();
  const builds = (events ?? []).flatMap(
    (e) => e.workflowTaskCompletedEventAttributes?.deploymentVersion?.buildId ?? [],
  );
  expect(new Set(builds)).toEqual(new Set(['v2']));

  // Who rolls back twice never gets the bad build.
  expect(await fleet.rollback()).toMatchObject({ outcome: 'nothing-to-roll-back', current: 'v1' });
  const status = await fleet.status();
  expect(status.builds.map(({ buildId, state, rolledBack }) => [buildId, state, rolledBack])).toEqual([
    ['v1', 'current', false],
    ['v2', 'draining', true],
  ]);
  await expect(fleet.rollback({ buildId: 'v9' })).rejects.toMatchObject({ type: 'InvalidRequest' });
});

test('runs that follow to the old build are named, with those that cannot go on there', async () => {
  const fleet = await fleetOf('follow', 'auto-upgrade');
  const bundles = join(fleet.folder, 'bundles');
  expect(existsSync(join(bundles, 'v1.js'))).toBe(true);
  await fleet.worker('v2', 'moved');
  const { outcome, phases } = await fleet.deploy('v2', { ramp: [], bundles }, 'moved');
  expect({ outcome, back: phases.find(({ phase }) => phase === 'backward-replay') }).toEqual({
    outcome: 'promoted',
    back: expect.objectContaining({ verdict: 'pass' }),
  });
  const begun = await halfWay(fleet, `${fleet.deployment}-begun`);
  const declined = await fleet.rollback({ bundles, confirm: async () => false });
  expect(declined).toMatchObject({ outcome: 'declined', followingRuns: 1, pinnedRuns: 0, replayed: true });
  expect(declined).toMatchObject({
    following: [{ workflowId: begun.workflowId, workflowType: 'ordersInTwo', trouble: expect.stringMatching(/.+/) }],
  });
  await begun.terminate();
});

test('nobody goes back to a build whose workers are gone', async () => {
  const fleet = await fleetOf('gone', 'pinned');
  await fleet.worker('v2');
  await fleet.deploy('v2', { ramp: [] });
  const [, old] = (await fleet.status()).builds;
  expect(old).toMatchObject({ buildId: 'v1', state: 'draining' });
  await fleet.stopWorkers('v1');
  await expect(fleet.rollback({ wait: '2s' })).rejects.toMatchObject({ type: 'BuildNotPolling' });
  expect(await fleet.routing()).toBe('v2');
});

test('a ramp is taken back also when no worker of the current build answers', async () => {
  const fleet = await fleetOf('silent', 'pinned');
  await fleet.worker('v2');
  await fleet.deploy('v2', { ramp: [1], observe: '0s' });
  await fleet.client.workflowService.setWorkerDeploymentRampingVersion({
    namespace: 'default',
    deploymentName: fleet.deployment,
    buildId: 'v2',
    percentage: 10,
  });
  await fleet.stopWorkers('v1');
  expect(await fleet.rollback({ wait: '1s' })).toMatchObject({ outcome: 'rolled-back', from: 'v2', ramping: true });
  expect(await fleet.routing()).toBe('v1');
});
