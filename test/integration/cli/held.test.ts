import { mergeOrders, openProject, type CliProject } from './support/cli-project';
import type { HeldLoad, LoadReceipt } from '../../../workflows/contract';

let project: CliProject;
const request = (day: string): string[] => mergeOrders(`${day}/*.csv`, '--day', day);
const ids = async (): Promise<string[]> =>
  (await project.db.query<{ id: string }>('select id from orders order by 1')).rows.map(({ id }) => id);
/** Runs a load that is held, and tells its load key. */
async function holds(day: string, ...rows: string[]): Promise<string> {
  await project.file(`data/${day}/1.csv`, ['id,amount', ...rows, ''].join('\n'));
  const { code, out } = await project.run('run', ...request(day), '--json');
  expect(code).toBe(3);
  const { held } = JSON.parse(out) as { held: HeldLoad[] };
  return held[0]!.loadKey;
}
/** Waits for the end of a load. */
const ended = async (loadKey: string): Promise<LoadReceipt> =>
  (await project.client.workflow.getHandle(loadKey).result()) as LoadReceipt;

beforeAll(async () => {
  project = await openProject('cli-held');
  await project.worker();
});
afterAll(() => project.close());

test('run says what is held, why, until when and how to decide, and exits with 3; so does whoever waits for it', async () => {
  await project.file('data/2026-11-01/1.csv', 'id,amount\ngood,1\nbad,-1\n');
  const { code, out, err } = await project.run('run', ...request('2026-11-01'));
  expect(code).toBe(3);
  expect(out).toMatch(/^⏸ held {2}\S+\.public\.orders: its contract failed, and nothing is published\.\n/);
  expect(out).toContain('✗ amount.range: expected 0 or more, got 1 of 2 rows that break it\n');
  expect(out).toMatch(/until +\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC, then: reject\n/);
  for (const verdict of ['release', 'quarantine', 'reject'])
    expect(out).toMatch(new RegExp(`\\n {2}loadline held ${verdict} 'v1/orders/\\S+' --reason 'why'\\n`));
  expect(err).toMatch(/✓ audit .*held: amount\.range\n/);
  expect((await project.run('run', ...request('2026-11-01'))).code).toBe(3);
});

test('is seen in list and show, by load key and by workflow', async () => {
  const listed = await project.run('held', 'list');
  expect(listed).toMatchObject({ code: 0, out: expect.stringMatching(/^⏸ held {2}v1\/orders\/.*amount\.range/s) });
  const { held } = JSON.parse((await project.run('held', 'list', '--json')).out) as { held: { loadKey: string }[] };
  const [{ loadKey }] = held as [{ loadKey: string }];
  const shown = await project.run('held', 'show', loadKey);
  expect(shown).toMatchObject({ code: 3, out: expect.stringContaining('Decide with one of:') });
  const details = await project.run('loads', 'show', loadKey);
  expect(details).toMatchObject({ code: 3, out: expect.stringMatching(/^state +held\n.*✗ amount\.range/s) });
  expect((await project.run('loads', 'list')).out).toMatch(/^held /m);
  expect(await project.run('plan', ...request('2026-11-01'))).toMatchObject({ out: expect.stringContaining('held for a verdict') }); // prettier-ignore
  await project.run('held', 'reject', loadKey, '--reason', 'over');
  await ended(loadKey);
});

test('a verdict wants a reason, and is written down with who gave it', async () => {
  const loadKey = await holds('2026-11-02', 'a,1', 'b,-1');
  const unreasoned = await project.run('held', 'release', loadKey);
  expect(unreasoned).toMatchObject({ code: 2, err: expect.stringContaining("Add --reason 'why'") });
  const released = await project.run('held', 'release', loadKey, '--reason', 'refunds', '--by', 'ann');
  expect(released).toMatchObject({
    code: 0,
    out: expect.stringMatching(/^✓ released .*by +ann\n +reason +refunds\n/s),
  });
  expect((await ended(loadKey)).outcome).toBe('loaded');
  expect(await ids()).toEqual(['a', 'b']);
  const { out } = await project.run('loads', 'show', loadKey);
  expect(out).toMatch(
    /held for +amount\.range: expected 0 or more, got 1 of 2 rows that break it\n +verdict +release\n +by +ann\n +reason +refunds\n/,
  );
  const again = await project.run('held', 'reject', loadKey, '--reason', 'late');
  expect(again).toMatchObject({ code: 1, err: expect.stringMatching(/^✗ VerdictRefused .*a load that is held/s) });
  expect(await project.run('held', 'list')).toMatchObject({ code: 0, out: '✓ nothing is held\n' });
});

test('quarantine publishes what is good', async () => {
  const loadKey = await holds('2026-11-03', 'c,1', 'd,-1');
  expect((await project.run('held', 'quarantine', loadKey, '--reason', 'known')).code).toBe(0);
  expect((await ended(loadKey)).tables[0]).toMatchObject({ inserted: 1, quarantined: 1 });
  expect(await ids()).toEqual(['a', 'b', 'c']);
});

test('after reject a run exits with 4, and so does one that waited', async () => {
  const loadKey = await holds('2026-11-04', 'e,-1');
  // Waits, as whoever is there when the verdict comes.
  const rejected = await project.run('held', 'reject', loadKey, '--reason', 'wrong file', '--by', 'ann');
  expect(rejected.code).toBe(0);
  expect((await ended(loadKey)).outcome).toBe('rejected');
  const { out } = await project.run('loads', 'show', loadKey);
  expect(out).toMatch(/^state +rejected\n.*✗ rejected {2}orders .*verdict +reject\n +by +ann\n +reason +wrong file\n/s);
  const again = await project.run('run', ...request('2026-11-04'));
  expect(again).toMatchObject({ code: 4, err: expect.stringContaining('✗ Rejected') });
  expect((await project.run('plan', ...request('2026-11-04'))).out).toContain('was rejected');
});

test('a held load whose workflow has ended says how to free its key', async () => {
  const loadKey = await holds('2026-11-05', 'f,-1');
  await project.client.workflow.getHandle(loadKey).terminate();
  const { code, err } = await project.run('held', 'release', loadKey, '--reason', 'late');
  expect({ code, err }).toMatchObject({ code: 1, err: expect.stringContaining(`loadline loads abandon '${loadKey}'`) });
  expect((await project.run('loads', 'abandon', loadKey, '--yes')).code).toBe(0);
  expect(await project.run('held', 'list')).toMatchObject({ out: '✓ nothing is held\n' });
});
