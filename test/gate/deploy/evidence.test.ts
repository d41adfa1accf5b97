import { openFleet, type Fleet } from './support/fleet';
import type { DeployResult } from '../../../client';

let fleet: Fleet;
beforeAll(async () => {
  fleet = await openFleet('evidence');
  await fleet.worker('v1');
  expect(await fleet.deploy('v1')).toMatchObject({ outcome: 'promoted' });
});
afterAll(() => fleet.stop());

/** Starts runs while a build is deployed, as schedules would. */
async function underTraffic(buildId: string, workflows: string, ramp: readonly number[]): Promise<DeployResult> {
  let going = true;
  const traffic = (async () => {
    while (going) {
      await fleet.start('short', []);
      await new Promise((resolve) => setTimeout(resolve, 25));
    }
  })();
  try {
    return await fleet.deploy(buildId, { ramp, observe: '20s', minRuns: 3 }, workflows);
  } finally {
    going = false;
    await traffic;
  }
}

const last = ({ phases }: DeployResult): string => phases.at(-1)?.text ?? '';

test('a build whose runs fail loses its share at once', async () => {
  await fleet.worker('failing', 'failing');
  const result = await underTraffic('failing', 'failing', [50]);
  expect(result).toMatchObject({ outcome: 'failed', previous: 'v1' });
  expect(last(result)).toMatch(
    /^The new build: (\d+) of \1 runs failed; the current one: 0 of \d+ runs failed\. At most 5 % may fail\. New runs go to v1 again: the ramp is back at 0\.$/,
  );
  expect(await fleet.routing()).toBe('v1');
  const end = await fleet.start('short', []);
  expect(await end.result()).toBe('good');
});

test('a build whose code fails loses its share, although no run of it ends', async () => {
  await fleet.worker('stuck', 'stuck');
  const result = await underTraffic('stuck', 'stuck', [50]);
  expect(result.outcome).toBe('failed');
  expect(last(result)).toMatch(/^The new build: 0 of 0 runs failed, \d+ (is|are) stuck in failing code;/);
  expect(await fleet.routing()).toBe('v1');
});

test('a build that no run has finished on is not promoted, whatever its canary says', async () => {
  await fleet.worker('idle');
  const result = await fleet.deploy('idle', { ramp: [50] });
  expect(result.outcome).toBe('insufficient-evidence');
  expect(result.phases.map(({ phase, verdict }) => `${phase} ${verdict}`)).toEqual([
    'workers pass',
    'canary pass',
    'backward-replay warn',
    'ramp pass',
    'observe insufficient',
  ]);
  expect(last(result)).toMatch(/^0 of at least 2 runs have finished on the new build\./);
  expect(await fleet.routing()).toBe('v1');
});

test('a build whose workers have gone while it was ramped loses its share', async () => {
  const gone = await fleet.worker('gone');
  await expect(fleet.deploy('gone', { ramp: [50], observe: '1s' })).resolves.toMatchObject({
    outcome: 'insufficient-evidence',
  });
  await fleet.client.workflowService.setWorkerDeploymentRampingVersion({
    namespace: 'default',
    deploymentName: fleet.deployment,
    buildId: 'gone',
    percentage: 50,
  });
  await gone.stop();
  await expect(fleet.deploy('gone', { wait: '2s' })).rejects.toMatchObject({ type: 'BuildNotPolling' });
  expect(await fleet.routing()).toBe('v1');
});
