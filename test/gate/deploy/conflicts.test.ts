import { openFleet, type Fleet } from './support/fleet';
import { withDeployment } from '../../../client/deploy/access';
import { changeRouting, readRouting } from '../../../client/deploy/routing';

let fleet: Fleet;
beforeAll(async () => {
  fleet = await openFleet('conflicts');
  await fleet.worker('v1');
  expect(await fleet.deploy('v1')).toMatchObject({ outcome: 'promoted' });
  await fleet.worker('v2');
  // So that its workers answer at once when two ask.
  await fleet.deploy('v2', { ramp: [1], observe: '0s' });
});
afterAll(() => fleet.stop());

const ramp = (buildId: string, percentage: number) =>
  fleet.client.workflowService.setWorkerDeploymentRampingVersion({
    namespace: 'default',
    deploymentName: fleet.deployment,
    buildId,
    percentage,
  });

test('two deploys of one build at once do the same, or one of them stops without a change', async () => {
  const asked = { ramp: [10, 20], minRuns: 1, observe: '3s' } as const;
  const results = await Promise.allSettled([fleet.deploy('v2', asked), fleet.deploy('v2', asked)]);
  const ends = results.map((result) =>
    result.status === 'fulfilled' ? result.value.outcome : (result.reason as { type: string }).type,
  );
  expect(ends).toContain('insufficient-evidence');
  expect(ends.filter((end) => end !== 'insufficient-evidence' && end !== 'DeployConflict')).toEqual([]);
  for (const result of results) {
    const phases = result.status === 'fulfilled' ? result.value.phases : [];
    const percents = phases.filter(({ phase }) => phase === 'ramp').map(({ percent }) => percent);
    expect([[], [20], [10, 20]]).toContainEqual(percents);
  }
  expect(await fleet.routing()).toBe('v1');
});

test('a deploy that finds the routing changed by somebody else leaves it as it is', async () => {
  const deploying = fleet.deploy('v2', {
    ramp: [10],
    observe: '10s',
    onPhase: ({ phase }) => void (phase === 'ramp' && ramp('v2', 33)),
  });
  await expect(deploying).rejects.toMatchObject({
    type: 'DeployConflict',
    details: [expect.objectContaining({ expected: 'current v1, v2 at 10 %', got: 'current v1, v2 at 33 %' })],
  });
  expect(await fleet.routing()).toBe('v1/v2@33');
});

test('another build that is ramped is somebody else deploying', async () => {
  await fleet.worker('v3');
  await expect(fleet.deploy('v3', { observe: '1s' })).rejects.toMatchObject({ type: 'DeployConflict' });
  expect(await fleet.routing()).toBe('v1/v2@33');
  await ramp('', 0);
});

test('who knows an older state of the routing changes nothing', async () => {
  await withDeployment(await fleet.config('v2'), {}, async (at) => {
    const seen = (await readRouting(at))!;
    await ramp('v2', 7);
    await expect(changeRouting(at, seen, { ramp: 40, buildId: 'v2' })).rejects.toMatchObject({
      type: 'DeployConflict',
    });
    expect(await fleet.routing()).toBe('v1/v2@7');
    await ramp('', 0);
  });
});

test('a change between the last look and the request is refused by the server', async () => {
  await withDeployment(await fleet.config('v2'), {}, async (at) => {
    const seen = (await readRouting(at))!;
    const { workflowService } = at.client;
    // Back and forth: what is looked at is the same, and only the token tells.
    const service = Object.create(workflowService) as typeof workflowService;
    let tampered = false;
    service.setWorkerDeploymentRampingVersion = (async (request: object) => {
      if (!tampered) {
        tampered = true;
        await ramp('v2', 5);
      }
      return workflowService.setWorkerDeploymentRampingVersion(request);
    }) as never;
    const client = Object.create(at.client, { workflowService: { value: service } }) as typeof at.client;
    const change = changeRouting({ ...at, client }, seen, { ramp: 40, buildId: 'v2' });
    await expect(change).rejects.toMatchObject({ type: 'DeployConflict' });
    expect(await fleet.routing()).toBe('v1/v2@5');
    await ramp('', 0);
  });
});

test('a build whose workers were just killed gets no run', async () => {
  const killed = await fleet.worker('killed');
  await fleet.deploy('killed', { ramp: [1], observe: '0s' });
  await killed.stop();
  // The server still lists its pollers.
  expect((await fleet.status()).builds.find(({ buildId }) => buildId === 'killed')?.pollers).toBe(1);
  await expect(fleet.deploy('killed', { wait: '2s' })).rejects.toMatchObject({ type: 'BuildNotPolling' });
  await expect(fleet.deploy('never-there', { wait: '1s' })).rejects.toMatchObject({ type: 'BuildNotPolling' });
  expect(await fleet.routing()).toBe('v1');
});
