import { openScenario } from '../crash/support/scenario';
import type { Failpoint } from '../crash/support/worker-process';
import type { LoadVerdict } from '../../workflows/contract';

jest.setTimeout(85_000);

const holding = { do: 'SIGKILL', activity: 'loadline.hold' } as const;
const auditing = { do: 'SIGKILL', activity: 'loadline.audit' } as const;
const publishing = { do: 'SIGKILL', activity: 'loadline.publish' } as const;
const rejecting = { do: 'SIGKILL', activity: 'loadline.reject' } as const;

const failpoints: readonly (readonly [string, LoadVerdict, Failpoint])[] = [
  ['before its load is held', 'release', { ...holding, tag: 'hold:claim', moment: 'before' }],
  ['after its load is held, before anybody is told', 'quarantine', { ...holding, tag: 'commit', moment: 'after' }],
  ['after the audit under a verdict is committed', 'release', { ...auditing, tag: 'commit', moment: 'after' }],
  ['in publish under a verdict, once rows are set aside', 'quarantine', { ...publishing, tag: 'publish:quarantine', moment: 'after' }],
  ['after COMMIT under a verdict, before anybody is told', 'quarantine', { ...publishing, tag: 'commit', moment: 'after' }],
  ['before a rejection is committed', 'reject', { ...rejecting, tag: 'reject:ledger', moment: 'after' }],
  ['after a rejection is committed, before anybody is told', 'reject', { ...rejecting, tag: 'commit', moment: 'after' }],
]; // prettier-ignore

describe('a worker process that is killed', () => {
  test.each(failpoints)('%s: another carries out the verdict once', async (_, verdict, failpoint) => {
    const scenario = await openScenario('held');
    try {
      const load = await scenario.judgedDay();
      const started = await scenario.start(load);
      const doomed = await scenario.worker({ failpoints: [failpoint] });
      if (failpoint.activity !== 'loadline.hold') await scenario.decide(started, verdict);
      await doomed.died();
      expect(doomed.lines().at(-1)).toMatchObject({ kind: 'failpoint', tag: failpoint.tag });
      await scenario.worker();
      if (failpoint.activity === 'loadline.hold') await scenario.decide(started, verdict);
      const receipt = await started.result();
      expect(receipt).toMatchObject({
        outcome: verdict === 'reject' ? 'rejected' : 'loaded',
        verdict: { verdict, by: 'ann', failed: [{ checks: [{ id: 'amount.range' }] }] },
      });
      const count = async (sql: string): Promise<number> =>
        (await scenario.rows<{ n: number }>(`SELECT count(*)::int AS n FROM ${sql}`))[0]!.n;
      const broken = receipt.verdict!.failed[0]!.checks[0]!.broken;
      const there = (await scenario.rows(`SELECT to_regclass('public.events') AS t`))[0]!['t'] !== null;
      const [good, bad, aside, rejections] = [
        there ? await count('public.events WHERE amount <= 9000') : 0,
        there ? await count('public.events WHERE amount > 9000') : 0,
        await count('_loadline.quarantine'),
        await count('_loadline.rejections'),
      ];
      expect(broken).toBeGreaterThan(100);
      expect({ good, bad, aside, rejections }).toEqual(
        {
          release: { good: 3_000 - broken, bad: broken, aside: 0, rejections: 0 },
          quarantine: { good: 3_000 - broken, bad: 0, aside: broken, rejections: 0 },
          reject: { good: 0, bad: 0, aside: 0, rejections: 1 },
        }[verdict],
      );
      expect(await count('_loadline.ledger')).toBe(verdict === 'reject' ? 0 : 1);
      if (verdict === 'release') await scenario.expectExactlyOnce([load]);
    } finally {
      await scenario.stop();
    }
  });
});
