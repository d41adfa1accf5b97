import { randomUUID } from 'node:crypto';
import { openFleet, type Fleet } from './support/fleet';

let fleet: Fleet;
beforeAll(async () => {
  fleet = await openFleet('ramp');
});
afterAll(() => fleet.stop());

test('the first build becomes current after its canary; a deploy of what is current says so', async () => {
  await fleet.worker('v1');
  const first = await fleet.deploy('v1');
  expect(first.phases.map(({ phase, verdict }) => `${phase} ${verdict}`)).toEqual([
    'workers pass',
    'canary pass',
    'promote pass',
  ]);
  expect(first).toMatchObject({ outcome: 'promoted', previous: null });
  expect(await fleet.routing()).toBe('v1');
  expect(await fleet.deploy('v1')).toMatchObject({ outcome: 'already-current' });
});

test('a good build is ramped by 10 and 50 to 100; pinned runs end on the old build, new ones begin on the new', async () => {
  await fleet.file('a.csv', 'id,amount\n1,1\n2,2\n');
  await fleet.file('b.csv', 'id,amount\n3,3\n');
  const inFlight = await fleet.start('ordersInTwo', ['a.csv', 'b.csv']);
  await fleet.worker('v2');
  const seen = new Set<string>();
  let going = true;
  const lane = async (): Promise<void> => {
    while (going) await (await fleet.start('short', [], `ramp-${randomUUID()}`)).result();
  };
  // So many that chance, and a slow machine, cannot keep all of them from the new build.
  const traffic = Promise.all(Array.from({ length: 8 }, lane));
  const watching = (async () => {
    while (going) {
      seen.add(await fleet.routing());
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  })();
  const result = await fleet.deploy('v2', { observe: '5s' });
  going = false;
  await Promise.all([traffic, watching]);
  expect(result).toMatchObject({ outcome: 'promoted', previous: 'v1' });
  expect(await fleet.routing()).toBe('v2');
  expect([...seen].filter((routing) => routing.includes('@'))).toEqual(['v1/v2@10', 'v1/v2@50']);
  await inFlight.signal('go');
  await inFlight.result();
  expect(await fleet.rows('select id, amount from orders order by id')).toEqual([
    { id: '1', amount: 1 },
    { id: '2', amount: 2 },
    { id: '3', amount: 3 },
  ]);
  const buildsOf = async (id: string) => {
    const { events } = await fleet.client.workflow.getHandle(id).fetchHistory();
    const builds = (events ?? []).map((e) => e.workflowTaskCompletedEventAttributes?.deploymentVersion?.buildId);
    return [...new Set(builds.filter(Boolean))];
  };
  expect(await buildsOf(inFlight.workflowId)).toEqual(['v1']);
  const after = await fleet.start('short', []);
  await after.result();
  expect(await buildsOf(after.workflowId)).toEqual(['v2']);
});
