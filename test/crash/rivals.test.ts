import { openScenario, type Scenario } from './support/scenario';

jest.setTimeout(170_000);

let scenario: Scenario;
afterEach(() => scenario.stop());

const beforePublish = { tag: 'begin', moment: 'before', activity: 'loadline.publish', do: 'hold' } as const;

const onlyKey = async (): Promise<string> => (await scenario.warehouse.list({ limit: 1 }))[0]!.loadKey;

test('of two workflows with one load key in two processes one loads, and the other is told so', async () => {
  scenario = await openScenario('two workflows');
  const load = await scenario.day('append');
  const first = await scenario.start(load);
  // With one slot, which it keeps, the first process leaves the second workflow's activities to the second one.
  const one = await scenario.worker({ activities: 1, failpoints: [beforePublish] });
  await one.reached();
  const second = await scenario.start(load, `${load.workflowId}-second`);
  const two = await scenario.worker();
  expect(await two.outcome('loadline.openLoad', 1)).toBe('LoadInProgress');
  one.resume();
  expect((await first.result()).outcome).toBe('loaded');
  expect((await second.result()).outcome).toBe('already-loaded');
  await scenario.expectExactlyOnce([load]);
});

test('a load whose COMMIT answer was lost cannot be abandoned, and its retry returns the receipt', async () => {
  scenario = await openScenario('lost then abandoned');
  const load = await scenario.day('append');
  const started = await scenario.start(load);
  const lost = { tag: 'commit', moment: 'answer', activity: 'loadline.publish', do: 'lose' } as const;
  const worker = await scenario.worker({ failpoints: [lost, { ...beforePublish, nth: 2 }] });
  expect(await worker.outcome('loadline.publish', 1)).toBe('CommitOutcomeUnknown');
  await worker.reached(2);
  await expect(scenario.warehouse.abandon(await onlyKey())).rejects.toMatchObject({ type: 'LoadStillApplied' });
  worker.resume();
  expect((await started.result()).outcome).toBe('loaded');
  await scenario.expectExactlyOnce([load]);
});

test('a load abandoned while open is fenced, and a new start loads', async () => {
  scenario = await openScenario('abandoned');
  const load = await scenario.day('append');
  const started = await scenario.start(load);
  const worker = await scenario.worker({ failpoints: [beforePublish] });
  await worker.reached();
  await scenario.warehouse.abandon(await onlyKey());
  worker.resume();
  expect(await worker.outcome('loadline.publish', 1)).toBe('Fenced');
  await expect(started.result()).rejects.toMatchObject({ cause: { cause: { type: 'Fenced' } } });
  const again = await scenario.start(load, `${load.workflowId}-again`);
  expect((await again.result()).outcome).toBe('loaded');
  await scenario.expectExactlyOnce([load]);
});
