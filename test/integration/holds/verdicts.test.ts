import { createClient } from '../../../client';
import { services } from '../../services/services';
import { codeOf, failureOf } from '../support/failures';
import { openLab, untilSettled, type Lab } from '../support/lab';
import { countsOf } from '../support/receipts';
import { dayOf, raw } from '../support/source';
import { content, faulty, held, heldIn, type Held } from './support/held';

let lab: Lab;
beforeAll(async () => {
  lab = await openLab('holds');
});
afterAll(() => lab.stop());

const quarantined = (loadId: string) =>
  lab.rows<{ reasons: string[]; id: number }>(
    `SELECT reasons, (row ->> 'id')::int AS id FROM _loadline.quarantine WHERE load_id = $1`,
    [loadId],
  );
const stateOf = async (load: Held): Promise<string> =>
  (await lab.rows<{ state: string }>('SELECT state FROM _loadline.claims WHERE load_key = $1', [load.load.loadKey]))[0]!
    .state;
async function planOf(request: Held['request']): Promise<string> {
  const { temporalAddress: address } = services();
  const client = await createClient({ ...lab.config, taskQueue: lab.taskQueue }, { address });
  try {
    const { outcome, reason } = await client.plan(request);
    return `${outcome}: ${reason}`;
  } finally {
    await client.close();
  }
}

describe('a load whose contract fails', () => {
  test('waits, invisible, and tells why, how long, and what can be said of it', async () => {
    const load = await held(lab, await faulty(lab, 'told', { hold: { for: '2 days', then: 'quarantine' } }));
    expect(load.load).toMatchObject({
      choices: ['release', 'quarantine', 'reject'],
      then: 'quarantine',
      failed: [
        {
          table: expect.stringMatching(/\.public\.told$/),
          rows: 3,
          checks: [
            {
              id: 'amount.range',
              column: 'amount',
              broken: 1,
              expected: '0 or more',
              got: '1 of 3 rows that break it',
            },
          ],
        },
      ],
    });
    const left = new Date(load.load.until).getTime() - Date.now();
    expect(left / 86_400_000).toBeGreaterThan(1.99);
    expect(left / 86_400_000).toBeLessThan(2.01);
    expect(await stateOf(load)).toBe('held');
    expect(await load.ids()).toEqual([]);
    const { raw, searchAttributes } = await load.handle.describe();
    expect(raw.workflowExtendedInfo).toBeDefined();
    expect(searchAttributes).toMatchObject({ LoadlineOutcome: ['held'] });
    expect(await lab.warehouse.show(load.load.loadKey)).toMatchObject({ state: 'held', live: true, held: load.load });
    await load.decide({ verdict: 'reject' });
    await load.result();
  });

  test('is published whole by release, once, with who said so and why', async () => {
    const load = await held(lab, await faulty(lab, 'released'));
    expect(await load.decide({ verdict: 'release' })).toEqual({
      verdict: 'release',
      by: 'ann',
      reason: 'known fault',
      loadKey: load.load.loadKey,
    });
    const receipt = await load.result();
    expect(receipt).toMatchObject({
      outcome: 'loaded',
      verdict: { verdict: 'release', by: 'ann', reason: 'known fault' },
    });
    expect(countsOf(receipt.tables[0])).toEqual({ read: 3, inserted: 3 });
    expect(await load.ids()).toEqual([1, 2, 3]);
    expect(await load.steps()).toBe('openLoad extract stage audit hold audit publish');
    const [kept] = await lab.rows<{ receipt: unknown }>('SELECT receipt FROM _loadline.ledger WHERE load_id = $1', [
      receipt.loadId,
    ]);
    expect(kept!.receipt).toEqual(receipt);
    // How long somebody thought about it says nothing of how fast such loads are.
    expect(await lab.warehouse.metrics({ table: 'released', limit: 5 })).toMatchObject([{ rows: 3, latencyMs: null }]);
    expect(await lab.load(load.request)).toMatchObject({ outcome: 'already-loaded', verdict: receipt.verdict });
  });

  test('loses the rows that break it by quarantine, which are kept with their reason', async () => {
    const load = await held(lab, await faulty(lab, 'aside'));
    await load.decide({ verdict: 'quarantine' });
    const receipt = await load.result();
    expect(countsOf(receipt.tables[0])).toEqual({ read: 3, quarantined: 1, inserted: 2 });
    expect(await load.ids()).toEqual([1, 3]);
    expect(await quarantined(receipt.loadId)).toEqual([{ id: 2, reasons: ['range of amount'] }]);
    expect(receipt.warnings).toEqual([expect.objectContaining({ code: 'RowsQuarantined' })]);
  });

  test('loses no good row to a bad one of the same key when that is set aside', async () => {
    const request = await faulty(lab, 'shadow', { newest: 'amount', columns: { ...newer, amount: upTo100 } });
    await lab.file('shadow/a.csv', 'id,amount\n1,10\n1,5000\n');
    const load = await held(lab, request);
    await load.decide({ verdict: 'quarantine' });
    expect(countsOf((await load.result()).tables[0])).toEqual({ read: 2, quarantined: 1, inserted: 1 });
    expect(await lab.rows('SELECT amount::int FROM shadow')).toEqual([{ amount: 10 }]);
  });

  test('is never published after reject: its key is closed until a load asks to reprocess it', async () => {
    const load = await held(lab, await faulty(lab, 'rejected', {}, { interval: dayOf('2026-01-01') }));
    await load.decide({ verdict: 'reject', reason: 'wrong export' });
    const receipt = await load.result();
    expect(receipt).toMatchObject({ outcome: 'rejected', verdict: { verdict: 'reject', reason: 'wrong export' } });
    expect(countsOf(receipt.tables[0])).toEqual({});
    expect(await stateOf(load)).toBe('rejected');
    expect(await load.ids()).toEqual([]);
    expect(await lab.rows(`SELECT stage FROM _loadline.stages WHERE load_key = $1`, [receipt.loadKey])).toEqual([]);
    expect((await lab.warehouse.show(receipt.loadKey)).rejections).toEqual([receipt]);
    expect(await codeOf(lab.load(load.request))).toBe('Rejected');
    await lab.file('rejected/a.csv', content.replace('-5', '5'));
    const again = await lab.load({ ...load.request, onChanged: 'reprocess' });
    expect(again).toMatchObject({ outcome: 'loaded', generation: 2 });
    expect(again.verdict).toBeUndefined();
    expect(await load.ids()).toEqual([1, 2, 3]);
  });

  test('is left out after reject where it is known by its files: new ones are loaded, the same ones refused', async () => {
    const request = await faulty(lab, 'left_out');
    // Files of the last second are known by their content alone, which a plan does not read.
    await untilSettled(lab.path('left_out/a.csv'));
    const load = await held(lab, request);
    await load.decide({ verdict: 'reject', reason: 'wrong export' });
    expect(await load.result()).toMatchObject({ outcome: 'rejected' });
    expect(await codeOf(lab.load(load.request))).toBe('Rejected');
    expect(await planOf(load.request)).toBe('would-refuse: All files were rejected.');
    await lab.file('left_out/b.csv', 'id,amount\n7,7\n');
    const next = await lab.load(load.request);
    expect(next).toMatchObject({ outcome: 'loaded', batch: { files: 1, filesSkipped: 1, filesRejected: 1 } });
    expect(next.loadId).not.toBe((await load.result()).loadId);
    expect(await load.ids()).toEqual([7]);
    expect(await lab.load(load.request)).toMatchObject({ outcome: 'already-loaded', loadId: next.loadId });
  });

  test('is checked again when its files are asked for once more, and comes when they are mended', async () => {
    const load = await held(lab, await faulty(lab, 'once_more'));
    await load.decide({ verdict: 'reject' });
    await load.result();
    const again = await held(lab, { ...load.request, onChanged: 'reprocess' });
    await again.decide({ verdict: 'quarantine' });
    expect(countsOf((await again.result()).tables[0])).toEqual({ read: 3, quarantined: 1, inserted: 2 });
    await lab.file('once_more/a.csv', content.replace('-5', '5'));
    expect(countsOf((await lab.load(load.request)).tables[0])).toMatchObject({ read: 3, inserted: 1 });
    expect(await load.ids()).toEqual([1, 2, 3]);
  });

  test('does not close the key of its files when a later load fails, nor keep a mended file of the same path out', async () => {
    const request = await faulty(lab, 'by_path', {}, { from: { ...raw('by_path/*.csv'), identity: 'path' } });
    const load = await held(lab, request);
    await load.decide({ verdict: 'reject' });
    await load.result();
    await lab.file('by_path/b.csv', 'id,amount\nx,7\n');
    expect(await codeOf(lab.load(request))).toBe('InvalidValue');
    expect(await stateOf(load)).toBe('open');
    await lab.file('by_path/b.csv', 'id,amount\n7,7\n');
    expect(await lab.load(request)).toMatchObject({ outcome: 'loaded', batch: { filesRejected: 1 } });
    await lab.file('by_path/a.csv', content.replace('-5', '5'));
    expect(await lab.load(request)).toMatchObject({ outcome: 'loaded', batch: { files: 1, filesSkipped: 1 } });
    expect(await load.ids()).toEqual([1, 2, 3, 7]);
  });

  test('leaves what an earlier generation has applied as it is when it is rejected', async () => {
    const request = await faulty(
      lab,
      'kept',
      {},
      { mode: 'replace', interval: dayOf('2026-01-01'), onChanged: 'reprocess' },
    );
    await lab.file('kept/a.csv', 'id,amount\n7,7\n');
    const first = await lab.load(request);
    await lab.file('kept/a.csv', content);
    for (const reason of ['once', 'twice']) {
      const load = await held(lab, request);
      await load.decide({ verdict: 'reject', reason });
      expect(await load.result()).toMatchObject({ outcome: 'rejected', generation: 2 });
      expect(await stateOf(load)).toBe('applied');
      expect(await load.ids()).toEqual([7]);
    }
    await lab.file('kept/a.csv', 'id,amount\n7,7\n');
    expect(await lab.load(request)).toMatchObject({ outcome: 'already-loaded', loadId: first.loadId });
  });

  test('fails at once where the contract says so, and where nobody could publish it', async () => {
    expect(await codeOf(lab.load(await faulty(lab, 'strict', { hold: false })))).toBe('OutOfRange');
    const contradictory = await faulty(lab, 'contradictory');
    await lab.file('contradictory/a.csv', 'id,amount\n1,10\n1,11\n2,-5\n');
    expect(await codeOf(lab.load(contradictory))).toBe('ConflictingDuplicates');
    const keyless = await faulty(lab, 'keyless');
    await lab.file('keyless/a.csv', 'id,amount\n,10\n2,-5\n');
    expect(await codeOf(lab.load(keyless))).toBe('NullKey');
    expect(await lab.leftStages()).toEqual([]);
  });
});

const newer = { id: { type: 'integer' } } as const;
const upTo100 = { type: 'decimal(12,2)', range: { max: 100 } } as const;

describe('a verdict', () => {
  test('is refused, with what is wrong, unless it is one that can be carried out and is signed', async () => {
    const load = await held(lab, await faulty(lab, 'wrong', { rows: { min: 100 } }));
    const refused = async (input: object, ...says: string[]): Promise<void> => {
      const failure = await failureOf(load.decide(input));
      expect(failure.type).toBe('VerdictRefused');
      for (const text of says) expect(failure.message).toContain(text);
    };
    await refused({ verdict: 'publish' }, 'verdict', 'Expected release, reject', 'got "publish"');
    await refused({}, 'got none');
    await refused({ verdict: 'quarantine' }, 'rows would still fail');
    await refused({ verdict: 'release', by: ' ' }, '[by]');
    await refused({ verdict: 'release', by: 7 }, '[by]');
    await refused({ verdict: 'release', reason: undefined }, '[reason]', 'got none');
    await refused({ verdict: 'release', reason: 'a\nb' }, '[reason]', 'one line');
    await refused({ verdict: 'release', loadKey: 'v1/other' }, '[v1/other]', 'a load that is held');
    expect(load.load.failed[0]!.checks.map(({ id }) => id)).toEqual(['rows', 'amount.range']);
    await load.decide({ verdict: 'release', by: ' ann ' });
    expect(await load.result()).toMatchObject({ outcome: 'loaded', verdict: { by: 'ann' } });
  });

  test('of two that are sent at once is obeyed by the first', async () => {
    const load = await held(lab, await faulty(lab, 'raced'));
    const answers = await Promise.allSettled(
      (['reject', 'release', 'quarantine'] as const).map((verdict) => load.decide({ verdict, by: verdict })),
    );
    const accepted = answers.flatMap((a) => (a.status === 'fulfilled' ? [a.value.verdict] : []));
    expect(accepted).toHaveLength(1);
    for (const answer of answers)
      // Whoever comes when the run has ended is told that instead.
      if (answer.status === 'rejected')
        expect(String(answer.reason.cause ?? answer.reason)).toMatch(/decided|completed/);
    const receipt = await load.result();
    expect(receipt.verdict!.verdict).toBe(accepted[0]);
    expect(await load.ids()).toEqual({ reject: [], release: [1, 2, 3], quarantine: [1, 3] }[accepted[0]!]);
  });

  test('is refused by a run that holds nothing, and by one that was decided', async () => {
    const request = await faulty(lab, 'later');
    const handle = await lab.start('loadThenWait', [request]);
    const load = await heldIn(handle, lab, request);
    await load.decide({ verdict: 'release' });
    while ((await handle.query<{ outcome?: string }[]>('loadProgress'))[0]!.outcome === undefined);
    const failure = await failureOf(load.decide({ verdict: 'reject' }));
    expect(failure.message).toContain('one that ann has decided: release');
    expect(await load.ids()).toEqual([1, 2, 3]);
    await handle.signal('finish');

    await lab.file('later/a.csv', 'id,amount\n9,9\n');
    const clean = await lab.start('loadThenWait', [request]);
    while ((await clean.query<{ outcome?: string }[]>('loadProgress').catch(() => []))[0]?.outcome === undefined);
    const unheld = await failureOf(
      clean.executeUpdate('verdict', { args: [{ verdict: 'release', by: 'a', reason: 'b' }] }),
    );
    expect(unheld.message).toContain('Expected a load that is held, got none.');
    await clean.signal('finish');
  });

  test.each([
    ['reject', 'rejected', []],
    ['quarantine', 'loaded', [1, 3]],
    ['release', 'loaded', [1, 2, 3]],
  ] as const)('that nobody gives in time is %s, if the contract says so', async (then, outcome, ids) => {
    const load = await held(
      lab,
      await faulty(lab, `late-${then}`, { table: `main/public.late_${then}`, hold: { for: '2s', then } }),
    );
    const receipt = await load.result();
    expect(receipt).toMatchObject({
      outcome,
      verdict: { verdict: then, by: 'loadline', reason: 'no verdict within 2 s' },
    });
    expect(await load.ids()).toEqual(ids);
  });

  test('of a batch that fails as a whole is reject in the stead of a quarantine when time is over', async () => {
    const more = { rows: { min: 100 }, hold: { for: '1s', then: 'quarantine' } } as const;
    const load = await held(lab, await faulty(lab, 'whole', more));
    expect(load.load).toMatchObject({ then: 'reject', choices: ['release', 'reject'] });
    expect((await load.result()).outcome).toBe('rejected');
  });

  test('is given once for all tables of a set', async () => {
    const requests = [
      await faulty(lab, 'set_a', {}, { pipeline: 'set', interval: dayOf('2026-01-01') }),
      await faulty(lab, 'set_b', { hold: { for: '3 days' } }, { pipeline: 'set', interval: dayOf('2026-01-01') }),
      await faulty(lab, 'set_c', { columns: newer }, { pipeline: 'set', interval: dayOf('2026-01-01') }),
    ];
    await lab.file('set_c/a.csv', 'id\n1\n1\n');
    const handle = await lab.start('loadTables', [requests]);
    const load = await heldIn(handle, lab, requests[0]!);
    expect(load.load.failed.map(({ table }) => table.split('.')[2])).toEqual(['set_a', 'set_b']);
    await load.decide({ verdict: 'quarantine' });
    const receipt = await load.result();
    expect(receipt.tables.map(countsOf)).toEqual([
      { read: 3, quarantined: 1, inserted: 2 },
      { read: 3, quarantined: 1, inserted: 2 },
      { read: 2, duplicates: 1, inserted: 1 },
    ]);
    expect(await load.steps()).toBe(
      'openLoad extract extract extract stage audit stage audit stage audit hold audit audit publish',
    );
  });

  test('names its load where a run holds several', async () => {
    const requests = [await faulty(lab, 'several_a'), await faulty(lab, 'several_b')];
    const handle = await lab.start('loadBeside', [requests]);
    const all = async (): Promise<Held['load'][]> =>
      handle.query('heldLoads').catch(() => []) as Promise<Held['load'][]>;
    while ((await all()).length < 2);
    const load = await heldIn(handle, lab, requests[0]!);
    expect((await failureOf(load.decide({ verdict: 'release' }))).message).toContain(
      'Several loads of this run are held',
    );
    for (const { loadKey } of await all())
      await load.decide({ verdict: loadKey.includes('several_a') ? 'release' : 'reject', loadKey });
    while ((await handle.query<{ outcome?: string }[]>('loadProgress')).some(({ outcome }) => outcome === undefined));
    await handle.signal('finish');
    const receipts = (await handle.result()) as { outcome: string }[];
    expect(receipts.map(({ outcome }) => outcome)).toEqual(['loaded', 'rejected']);
  });
});
