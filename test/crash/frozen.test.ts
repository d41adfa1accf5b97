import { openScenario, type Scenario } from './support/scenario';

jest.setTimeout(170_000);

/** What a late attempt may end with: it is told by the ledger, by the fence, by its dead session, or by Temporal. */
const harmless = ['already-loaded', 'Fenced', 'SessionLost', 'CancelledFailure'];
let scenario: Scenario;
afterEach(() => scenario.stop());

// One slot for activities: a frozen process must not be given a second one, which it would sit on.
const freezing = { activities: 1 } as const;

test('a worker frozen in COPY holds nothing that the sweeper cannot free, and changes nothing when it thaws', async () => {
  // No time-out of PostgreSQL ends a session that waits for its client's COPY data.
  scenario = await openScenario('frozen copy', { warehouse: { stageTimeout: '8s' } });
  const load = await scenario.day('append', 60_000);
  const started = await scenario.start(load);
  const frozen = await scenario.worker({
    ...freezing,
    failpoints: [{ tag: 'stage:copy', moment: 'chunk', do: 'SIGSTOP' }],
  });
  await frozen.reached();
  await scenario.worker();
  expect((await started.result()).outcome).toBe('loaded');
  expect(await copying(scenario)).toBe(true);
  await scenario.expectExactlyOnce([load]);
  expect(await copying(scenario)).toBe(false);
  frozen.signal('SIGCONT');
  expect(harmless).toContain(await frozen.outcome('loadline.stage', 1));
  await scenario.expectExactlyOnce([load]);
});

test('a worker frozen in COPY that thaws with its session alive fills a stage that nobody publishes', async () => {
  scenario = await openScenario('late copy');
  const load = await scenario.day('append', 60_000);
  const started = await scenario.start(load);
  const frozen = await scenario.worker({
    ...freezing,
    failpoints: [{ tag: 'stage:copy', moment: 'chunk', do: 'SIGSTOP' }],
  });
  await frozen.reached();
  await scenario.worker();
  expect((await started.result()).outcome).toBe('loaded');
  expect(await copying(scenario)).toBe(true);
  frozen.signal('SIGCONT');
  // Either it finishes, or it is told first that nobody waits for it.
  expect([...harmless, 'done']).toContain(await frozen.outcome('loadline.stage', 1));
  await scenario.expectExactlyOnce([load]);
});

test('a worker frozen in publish loses its locks to its retry, and changes nothing when it thaws', async () => {
  scenario = await openScenario('frozen publish', { warehouse: { frozenTimeout: '3s' } });
  const load = await scenario.day('append');
  const started = await scenario.start(load);
  const frozen = await scenario.worker({
    ...freezing,
    failpoints: [{ tag: 'publish:insert', moment: 'after', do: 'SIGSTOP' }],
  });
  await frozen.reached();
  await scenario.worker();
  expect((await started.result()).outcome).toBe('loaded');
  await scenario.expectExactlyOnce([load]);
  frozen.signal('SIGCONT');
  expect(harmless).toContain(await frozen.outcome('loadline.publish', 1));
  await scenario.expectExactlyOnce([load]);
});

test('a worker frozen before BEGIN that thaws after another workflow has loaded publishes nothing', async () => {
  scenario = await openScenario('late begin');
  const load = await scenario.day('append');
  const started = await scenario.start(load);
  const begin = { tag: 'begin', moment: 'before', activity: 'loadline.publish', do: 'SIGSTOP' } as const;
  const frozen = await scenario.worker({ ...freezing, failpoints: [begin] });
  await frozen.reached();
  const [open] = await scenario.warehouse.list({ limit: 1 });
  await scenario.warehouse.abandon(open!.loadKey);
  await started.handle.terminate('abandoned');
  const other = await scenario.start(load, `${load.workflowId}-again`);
  await scenario.worker();
  expect((await other.result()).outcome).toBe('loaded');
  frozen.signal('SIGCONT');
  expect(harmless).toContain(await frozen.outcome('loadline.publish', 1));
  await scenario.expectExactlyOnce([load]);
});

async function copying({ rows }: Scenario): Promise<boolean> {
  const found = await rows(
    `SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND state = 'active' AND query LIKE '/* loadline:stage:copy */%'`,
  );
  return found.length > 0;
}
