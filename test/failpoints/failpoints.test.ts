import { openScenario } from '../crash/support/scenario';
import type { CrashMode } from '../crash/support/tables';
import type { Failpoint } from '../crash/support/worker-process';

jest.setTimeout(85_000);

const kill = { do: 'SIGKILL' } as const;

/** Each is passed once here, by a process that ends there; test/crash passes them in every other way. */
const failpoints: readonly (readonly [string, CrashMode, Failpoint])[] = [
  ['before its claim', 'append', { ...kill, tag: 'claim:read', moment: 'before' }],
  ['after its claim is committed', 'merge', { ...kill, tag: 'commit', moment: 'after', since: 'claim:take' }],
  ['in the middle of COPY', 'append', { ...kill, tag: 'stage:copy', moment: 'chunk' }],
  [
    'after its stage is committed',
    'replace-partition',
    { ...kill, tag: 'commit', moment: 'after', activity: 'loadline.stage', since: 'stage:copy' },
  ],
  ['in publish, once it has the lock', 'append', { ...kill, tag: 'publish:lock', moment: 'after' }],
  ['in publish, once the rows are written', 'append', { ...kill, tag: 'publish:insert', moment: 'after' }],
  [
    'in publish, just before COMMIT',
    'merge',
    { ...kill, tag: 'commit', moment: 'before', activity: 'loadline.publish' },
  ],
  [
    'after COMMIT, before anybody is told',
    'append',
    { ...kill, tag: 'commit', moment: 'after', activity: 'loadline.publish' },
  ],
];

describe('a worker process that is killed', () => {
  test.concurrent.each(failpoints)('%s loads the rows once, by another process', async (_, mode, failpoint) => {
    const scenario = await openScenario('failpoint');
    try {
      // Big enough for several chunks of COPY.
      const load = await scenario.day(mode, failpoint.moment === 'chunk' ? 60_000 : 3_000);
      const started = await scenario.start(load);
      const doomed = await scenario.worker({ failpoints: [failpoint] });
      await doomed.died();
      expect(doomed.lines().at(-1)).toMatchObject({ kind: 'failpoint', tag: failpoint.tag });
      await scenario.worker();
      expect(await started.result()).toMatchObject({ outcome: 'loaded', loadKey: expect.any(String) });
      await scenario.expectExactlyOnce([load]);
    } finally {
      await scenario.stop();
    }
  });
});

test('a COMMIT whose answer is lost is not made twice', async () => {
  const scenario = await openScenario('lost answer');
  try {
    const load = await scenario.day('append');
    const started = await scenario.start(load);
    const worker = await scenario.worker({
      failpoints: [{ tag: 'commit', moment: 'answer', activity: 'loadline.publish', do: 'lose' }],
    });
    expect(await worker.outcome('loadline.publish', 1)).toBe('CommitOutcomeUnknown');
    expect((await started.result()).outcome).toBe('loaded');
    expect(await worker.outcome('loadline.publish', 2)).toBe('loaded');
    await scenario.expectExactlyOnce([load]);
  } finally {
    await scenario.stop();
  }
});
