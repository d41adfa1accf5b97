import { adoptLoad, type AdoptRequest } from '../../../activities/adopt-load';
import type { LoadReceipt, LoadRequest } from '../../../workflows/contract';
import { openDeps, type OpenedDeps } from '../../../workers/open-deps';
import { codeOf, failureOf } from '../support/failures';
import { fetchHistory, stepsOf } from '../support/history';
import { openLab, type Lab } from '../support/lab';
import { dayOf, raw } from '../support/source';

let lab: Lab;
let deps: OpenedDeps;
beforeAll(async () => {
  lab = await openLab('adopt');
  deps = openDeps(lab.config);
});
afterAll(async () => {
  await deps.close();
  await lab.stop();
});

const by = { by: 'ann', reason: 'loaded by psql in 2025' };
const columns = { id: { type: 'integer' }, name: { type: 'text' }, at: { type: 'date' } } as const;
const adopt = (request: AdoptRequest): Promise<LoadReceipt> =>
  adoptLoad({ ...deps, searchAttributes: async () => false }, request, by);
const unsourced = ({ from: _, ...request }: LoadRequest): AdoptRequest => request as AdoptRequest;

/** A table that was loaded by hand with the row 1, and the file that it came from. */
async function byHand(name: string, request: Pick<LoadRequest, 'mode'> & object): Promise<LoadRequest> {
  const into = lab.contract({ name, columns, key: ['id'], partition: { column: 'at', by: 'day' } });
  await lab.rows(
    `CREATE TABLE ${name} (id integer, name text, at date, _loadline_load_id text); INSERT INTO ${name} VALUES (1, 'hand', '2026-01-01')`,
  );
  await lab.file(`${name}/1.csv`, 'id,name,at\n1,hand,2026-01-01\n');
  return { pipeline: name, into, from: raw(`${name}/*.csv`), ...request } as LoadRequest;
}
const table = async (name: string): Promise<string> =>
  (
    await lab.rows<{ r: string }>(
      `SELECT coalesce(string_agg(id || ':' || name, ' ' ORDER BY id, name), '') AS r FROM ${name}`,
    )
  )[0]!.r;

const modes = ['append', 'merge', 'insert-only', 'replace', 'replace-partition'] as const;
const interval = dayOf('2026-01-01');

describe.each(modes)('an interval of %s', (mode) => {
  const name = (kind: string): string => `${kind}_${mode.replace('-', '_')}`;

  test('that is adopted with its files is already loaded, and other files are refused', async () => {
    const request = await byHand(name('known'), { mode, interval } as never);
    const receipt = await adopt(request);
    expect(receipt).toMatchObject({
      outcome: 'loaded',
      reversible: false,
      adopted: by,
      batch: { files: 1 },
      generation: 1,
    });
    expect(await lab.load(request)).toEqual({ ...receipt, outcome: 'already-loaded' });
    // By content, where the listing does not tell.
    await lab.file(`${request.pipeline}/1.csv`, 'id,name,at\n1,hand,2026-01-01\n');
    expect(await lab.load(request)).toEqual({ ...receipt, outcome: 'already-loaded' });
    await lab.file(`${request.pipeline}/1.csv`, 'id,name,at\n2,late,2026-01-01\n');
    expect(await failureOf(lab.load(request))).toMatchObject({
      type: 'BatchChanged',
      details: [{ expected: 'the files that were adopted' }],
    });
    expect(await table(request.pipeline)).toBe('1:hand');
  });

  test('that is adopted without its files refuses any', async () => {
    const request = await byHand(name('unknown'), { mode, interval } as never);
    expect(await adopt(unsourced(request))).toMatchObject({ adopted: by, batch: { sha256: 'unknown', files: 0 } });
    const failure = await failureOf(lab.load(request));
    expect([failure.type, failure.details[0].expected]).toEqual([
      'BatchChanged',
      'nothing: it was adopted without its files',
    ]);
    expect(await table(request.pipeline)).toBe('1:hand');
  });

  test('is reprocessed where that doubles no row', async () => {
    const request = await byHand(name('again'), { mode, interval } as never);
    await adopt(unsourced(request));
    const workflowId = `reprocess-${lab.taskQueue}-${mode}`;
    const again = lab.load({ ...request, onChanged: 'reprocess' }, { workflowId });
    if (mode.startsWith('replace')) expect(await again).toMatchObject({ outcome: 'loaded', generation: 2 });
    else {
      expect(await codeOf(again)).toBe('NotReversible');
      expect(stepsOf(await fetchHistory(lab.client, workflowId))).toBe('openLoad extract discard settle');
    }
    expect(await table(request.pipeline)).toBe('1:hand');
  });

  test('is adopted once', async () => {
    const request = await byHand(name('twice'), { mode, interval } as never);
    await adopt(request);
    expect(await codeOf(adopt(request))).toBe('LoadApplied');
    expect(await codeOf(adopt(unsourced(request)))).toBe('LoadApplied');
  });
});

test('the receipt counts the rows that the key is about, and only where they are known', async () => {
  const whole = await byHand('rows_whole', { mode: 'replace', interval } as never);
  const part = await byHand('rows_part', { mode: 'replace-partition', interval } as never);
  const some = await byHand('rows_some', { mode: 'merge', interval } as never);
  for (const { pipeline } of [whole, part, some])
    await lab.rows(`INSERT INTO ${pipeline} VALUES (2, 'other day', '2026-01-02')`);
  expect((await adopt(whole)).adopted!.rows).toBe(2);
  expect((await adopt(part)).adopted!.rows).toBe(1);
  expect((await adopt(some)).adopted!.rows).toBeNull();
});

describe('without an interval', () => {
  test('files that are adopted are left out, and others loaded', async () => {
    const request = await byHand('by_file', { mode: 'append' });
    await adopt(request);
    expect(await lab.load(request)).toMatchObject({ outcome: 'already-loaded', adopted: by });
    await lab.file('by_file/2.csv', 'id,name,at\n2,new,2026-01-02\n');
    expect(await lab.load(request)).toMatchObject({ outcome: 'loaded', batch: { files: 1, filesSkipped: 1 } });
    expect(await table('by_file')).toBe('1:hand 2:new');
    expect(await codeOf(adopt(request))).toBe('LoadApplied');
    await lab.rows(`INSERT INTO by_file VALUES (3, 'hand', '2026-01-03')`);
    await lab.file('by_file/3.csv', 'id,name,at\n3,hand,2026-01-03\n');
    expect(await adopt(request)).toMatchObject({ generation: 3, batch: { files: 1, filesSkipped: 2 } });
    expect(await lab.load(request)).toMatchObject({ outcome: 'already-loaded' });
    expect(await table('by_file')).toBe('1:hand 2:new 3:hand');
  });

  test('the files must be named', async () => {
    for (const mode of ['append', 'replace'] as const) {
      const request = await byHand(`unnamed_${mode}`, { mode });
      expect(await codeOf(adopt(unsourced(request)))).toBe('InvalidRequest');
    }
    expect(await lab.rows(`SELECT 1 FROM _loadline.claims WHERE pipeline LIKE 'unnamed%'`)).toEqual([]);
  });

  test('content of replace is already loaded, and other content loads', async () => {
    const request = await byHand('by_content', { mode: 'replace' });
    await adopt(request);
    expect(await lab.load(request)).toMatchObject({ outcome: 'already-loaded', adopted: by });
    await lab.file('by_content/1.csv', 'id,name,at\n2,new,2026-01-02\n');
    expect(await lab.load(request)).toMatchObject({ outcome: 'loaded', generation: 2 });
    expect(await table('by_content')).toBe('2:new');
  });
});

describe('is refused, and writes nothing, when', () => {
  const ledger = async (): Promise<unknown> => lab.rows('SELECT load_id FROM _loadline.ledger ORDER BY 1');

  test('there is no table', async () => {
    const into = lab.contract({ name: 'absent', columns, create: 'if-missing' });
    await lab.file('absent/1.csv', 'id,name,at\n');
    const before = await ledger();
    const request = { pipeline: 'absent', into, mode: 'append', from: raw('absent/*.csv'), interval } as const;
    expect(await codeOf(adopt(request))).toBe('TargetNotFound');
    expect(await ledger()).toEqual(before);
  });

  test('the files lack a column, or there are none', async () => {
    const request = await byHand('ill', { mode: 'merge', interval } as never);
    await lab.file('ill/1.csv', 'id,name\n1,hand\n');
    const before = await ledger();
    expect(await codeOf(adopt(request))).toBe('MissingColumn');
    expect(await codeOf(adopt({ ...request, from: raw('nowhere/*.csv') }))).toBe('NoFilesMatched');
    expect(await ledger()).toEqual(before);
  });
});
