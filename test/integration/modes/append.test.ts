import { fetchHistory, stepsOf } from '../support/history';
import { planRequests } from '../../../client/plan-load';
import { requestOf } from '../../../cli/request';
import { openDeps } from '../../../workers/open-deps';
import { codeOf, failureOf } from '../support/failures';
import { openLab, untilSettled, type Lab } from '../support/lab';
import { countsOf } from '../support/receipts';
import { dayOf, raw } from '../support/source';

let lab: Lab;
beforeAll(async () => {
  lab = await openLab('append');
});
afterAll(() => lab.stop());

const columns = { id: { type: 'bigint' }, what: { type: 'text' } } as const;
const ids = async (table: string): Promise<string> =>
  (await lab.rows<{ ids: string }>(`SELECT coalesce(string_agg(id::text, ',' ORDER BY id), '') ids FROM ${table}`))[0]!
    .ids;

describe('append without an interval', () => {
  test('takes each file once: a file that was added since is loaded alone', async () => {
    const into = lab.contract({ name: 'events', columns, create: 'if-missing' });
    const request = { pipeline: 'events', into, mode: 'append', from: raw('events/*.csv') } as const;
    await lab.file('events/a.csv', 'id,what\n1,one\n2,two\n');
    const first = await lab.load(request);
    expect(countsOf(first.tables[0])).toEqual({ read: 2, inserted: 2 });

    const again = await lab.load(request);
    expect(again).toMatchObject({ outcome: 'already-loaded', loadId: first.loadId, batch: { filesSkipped: 1 } });

    await lab.file('events/b.csv', 'id,what\n3,three\n');
    const second = await lab.load(request);
    expect(countsOf(second.tables[0])).toEqual({ read: 1, inserted: 1 });
    expect(second).toMatchObject({ outcome: 'loaded', generation: 2, batch: { files: 1, filesSkipped: 1 } });
    expect(await ids('events')).toBe('1,2,3');
    const tagged = await lab.rows(
      `SELECT _loadline_load_id AS load, count(*)::int AS n FROM events GROUP BY 1 ORDER BY 2`,
    );
    expect(tagged).toEqual([
      { load: second.loadId, n: 1 },
      { load: first.loadId, n: 2 },
    ]);
  });

  test('knows files that nobody has touched by their listing, without reading them', async () => {
    const into = lab.contract({ name: 'known', columns, create: 'if-missing' });
    const request = { pipeline: 'known', into, mode: 'append', from: raw('known/*.csv') } as const;
    await lab.file('known/a.csv', 'id,what\n1,one\n');
    await untilSettled(lab.path('known/a.csv'));
    await lab.load(request);
    await lab.load(request, { workflowId: 'known-again' });
    expect(stepsOf(await fetchHistory(lab.client, 'known-again'))).toBe('openLoad');
  });

  test('takes one of two equal files, and by path both', async () => {
    const byContent = lab.contract({ name: 'by_content', columns, create: 'if-missing' });
    const byPath = lab.contract({ name: 'by_path', columns, create: 'if-missing' });
    await lab.file('equal/a.csv', 'id,what\n1,one\n');
    await lab.file('equal/b.csv', 'id,what\n1,one\n');
    const content = await lab.load({ pipeline: 'equal', into: byContent, mode: 'append', from: raw('equal/*.csv') });
    expect(content).toMatchObject({ tables: [{ inserted: 1 }], batch: { files: 1, filesSkipped: 1 } });

    const request = {
      pipeline: 'equal',
      into: byPath,
      mode: 'append',
      from: raw('equal/*.csv', { identity: 'path' }),
    } as const;
    const path = await lab.load(request);
    expect(path).toMatchObject({ tables: [{ inserted: 2 }], batch: { files: 2, filesSkipped: 0 } });
    expect((await lab.load(request)).outcome).toBe('already-loaded');

    await lab.file('equal/b.csv', 'id,what\n2,two\n');
    expect(await failureOf(lab.load(request))).toMatchObject({
      type: 'BatchChanged',
      message: expect.stringContaining('equal/b.csv') as string,
    });
    expect(await ids('by_path')).toBe('1,1');
  });

  test('takes a header without rows as a file with nothing in it, and an empty file as well', async () => {
    const into = lab.contract({ name: 'empty', columns, create: 'if-missing' });
    await lab.file('empty/a.csv', 'id,what\n');
    await lab.file('empty/b.csv', '');
    const request = { pipeline: 'empty', into, mode: 'append', from: raw('empty/*.csv') } as const;
    expect(await lab.load(request)).toMatchObject({ outcome: 'nothing-to-load', tables: [{ read: 0 }] });
    await lab.file('empty/c.csv', 'id,what\n7,seven\n');
    expect(await lab.load(request)).toMatchObject({ outcome: 'loaded', tables: [{ inserted: 1 }] });
    expect(await ids('empty')).toBe('7');
  });
});

describe('append with an interval', () => {
  const request = (into: string, more: object = {}) =>
    ({
      pipeline: 'daily',
      into,
      mode: 'append',
      from: raw(`${into}/*.csv`),
      interval: dayOf('2026-11-01'),
      ...more,
    }) as const;

  test('refuses other content under the same key, and reprocesses it where asked to', async () => {
    const into = lab.contract({ name: 'daily', columns, create: 'if-missing' });
    await lab.file('daily/a.csv', 'id,what\n1,one\n2,two\n');
    const first = await lab.load(request(into));
    expect(first).toMatchObject({ generation: 1, reversible: true });
    expect(await lab.load(request(into))).toMatchObject({ outcome: 'already-loaded', loadId: first.loadId });

    await lab.file('daily/a.csv', 'id,what\n2,two\n3,three\n4,four\n');
    expect(await codeOf(lab.load(request(into)))).toBe('BatchChanged');
    expect(await ids('daily')).toBe('1,2');

    const second = await lab.load(request(into, { onChanged: 'reprocess' }));
    expect(countsOf(second.tables[0])).toEqual({ read: 3, inserted: 3, removed: 2 });
    expect(second.generation).toBe(2);
    expect(await ids('daily')).toBe('2,3,4');
    expect(await lab.load(request(into))).toMatchObject({ outcome: 'already-loaded', loadId: second.loadId });
  });

  test('does not reprocess a table that cannot tell whose rows are whose', async () => {
    await lab.rows('CREATE TABLE plain (id bigint, what text)');
    const into = lab.contract({ name: 'plain', columns });
    await lab.file('plain/a.csv', 'id,what\n1,one\n');
    expect(await lab.load(request(into))).toMatchObject({ reversible: false });
    await lab.file('plain/a.csv', 'id,what\n2,two\n');
    expect(await codeOf(lab.load(request(into, { onChanged: 'reprocess' })))).toBe('NotReversible');
    expect(await ids('plain')).toBe('1');
  });

  test('takes rows that are equal in all columns once where there is a key, and refuses rows that contradict', async () => {
    const into = lab.contract({ name: 'keyed', columns, key: ['id'], create: 'if-missing' });
    await lab.file('keyed/a.csv', 'id,what\n1,one\n1,one\n1,one\n2,two\n');
    const receipt = await lab.load(request(into));
    expect(countsOf(receipt.tables[0])).toEqual({ read: 4, duplicates: 2, inserted: 2 });

    const loose = lab.contract({ name: 'unkeyed', columns, create: 'if-missing' });
    await lab.file('unkeyed/a.csv', 'id,what\n1,one\n1,one\n');
    expect(countsOf((await lab.load(request(loose))).tables[0])).toEqual({ read: 2, inserted: 2 });
  });

  test('tells several loads of one interval apart by part', async () => {
    const into = lab.contract({ name: 'parts', columns, create: 'if-missing' });
    for (const part of ['north', 'south/east', 'south%2Feast']) {
      await lab.file(`parts-${encodeURIComponent(part)}/a.csv`, `id,what\n${part.length},${part}\n`);
      const from = raw(`parts-${encodeURIComponent(part)}/*.csv`);
      expect((await lab.load(request(into, { part, from }))).outcome).toBe('loaded');
    }
    expect(await ids('parts')).toBe('5,10,12');
  });
});

describe('append with a dedup window', () => {
  const event = { type: 'text', notNull: true } as const;
  const events = {
    columns: { 'Event ID': event, source: event, at: { type: 'timestamptz', notNull: true }, what: { type: 'text' } },
    create: 'if-missing',
  } as const;
  const dedup = { by: ['Event ID', 'source'], time: 'at', window: '2 days' } as const;
  const head = 'Event ID,source,at,what';

  test('leaves out events that the table or the batch holds within the window, and counts them', async () => {
    const into = lab.contract({ name: 'clicks', ...events });
    const request = { pipeline: 'clicks', into, mode: 'append', from: raw('clicks/*.csv'), dedup } as const;
    await lab.file('clicks/1.csv', `${head}\na,web,2026-11-01Z,one\na,app,2026-11-01Z,two\nb,web,2026-11-01Z,three\n`);
    expect(countsOf((await lab.load(request)).tables[0])).toEqual({ read: 3, inserted: 3 });
    const [index] = await lab.rows<{ def: string }>(
      `SELECT indexdef AS def FROM pg_indexes WHERE tablename = 'clicks'`,
    );
    expect(index!.def).toContain('("Event ID", source, at)');
    await lab.file(
      'clicks/2.csv',
      `${head}\na,web,2026-11-02Z,known\nc,web,2026-11-02Z,new\nc,web,2026-11-02Z,again\nb,web,2026-11-04Z,after the window\n`,
    );
    const second = await lab.load(request);
    expect(countsOf(second.tables[0])).toEqual({ read: 4, unchanged: 1, duplicates: 1, inserted: 2 });
    expect(await lab.load(request)).toMatchObject({ outcome: 'already-loaded', loadId: second.loadId });
    const held = await lab.rows<{ what: string }>('SELECT what FROM clicks ORDER BY what');
    expect(held.map((r) => r.what)).toEqual(['again', 'after the window', 'one', 'three', 'two'].sort());
  });

  test('is asked for on the command line and shown by plan, with a hint where no index helps', async () => {
    const into = lab.contract({ name: 'planned', ...events });
    await lab.rows('CREATE TABLE planned ("Event ID" text, source text, at timestamptz, what text)');
    const options = { load: into, from: 'raw:planned/*.csv', mode: 'append' };
    const by = { dedupBy: 'Event ID,source', dedupTime: 'at', dedupWindow: '2 days' };
    const request = requestOf({ ...options, ...by }, lab.config);
    expect(request).toMatchObject({ dedup });
    const opened = openDeps(lab.config);
    const deps = { ...opened, searchAttributes: () => Promise.resolve(false) };
    const planned = async () => (await planRequests(deps, [request])).targets[0]!;
    const before = await planned();
    expect(before.sql).toHaveLength(3);
    expect(before.sql.join()).toContain(`interval '172800000 milliseconds'`);
    expect(before.hints).toEqual([
      expect.stringContaining('CREATE INDEX ON "public"."planned" ("Event ID", "source", "at")'),
    ]);
    await lab.rows('CREATE INDEX ON planned (source)');
    expect((await planned()).hints).toEqual([]);
    await opened.close();
    expect(() => requestOf({ ...options, dedupBy: 'source' }, lab.config)).toThrow('Only some of');
    expect(() => requestOf({ ...options, ...by, mode: 'merge' }, lab.config)).toThrow('means nothing in mode merge');
  });
});
