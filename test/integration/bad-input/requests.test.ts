import type { LoadErrorCode } from '../../../workflows/load-error-code';
import { openLab, type Lab } from '../support/lab';
import { expectRefused } from '../support/refusal';
import { dayOf, raw } from '../support/source';

let lab: Lab;
beforeAll(async () => {
  lab = await openLab('bad_requests');
  lab.contract({ name: 'orders', columns: { id: { type: 'integer' }, at: { type: 'date' } }, create: 'if-missing' });
  lab.contract({
    name: 'keyed',
    columns: { id: { type: 'integer' }, at: { type: 'date' } },
    key: ['id'],
    partition: { column: 'at', by: 'day' },
    create: 'if-missing',
  });
  await lab.file('a.csv', 'id,at\n1,2026-01-01\n');
});
afterAll(() => lab.stop());

const good = { pipeline: 'p', into: 'orders', mode: 'append', from: raw('a.csv') };
const parts = { ...good, into: 'keyed', mode: 'replace-partition' };

type BadRequest = readonly [what: string, request: unknown, says: readonly (string | RegExp)[], code?: LoadErrorCode];
const requests: readonly BadRequest[] = [
  ['nothing', undefined, ['pipeline, into, mode and from']],
  ['null', null, ['pipeline, into, mode and from']],
  ['a text', 'orders', ['pipeline, into, mode and from', '"orders"']],
  ['a list', [good], ['pipeline, into, mode and from'].slice(1)],
  ['an empty object', {}, ['merge']],
  ['an unknown mode', { ...good, mode: 'upsert' }, ['p.mode', 'append, merge', '"upsert"']],
  ['no pipeline', { ...good, pipeline: undefined }, ['load.pipeline', '1 to 200']],
  ['a blank pipeline', { ...good, pipeline: '  ' }, ['pipeline', '1 to 200']],
  ['a pipeline of 201 characters', { ...good, pipeline: 'x'.repeat(201) }, ['pipeline', '1 to 200']],
  ['a pipeline that is no text', { ...good, pipeline: 5 }, ['pipeline', '5']],
  ['a pipeline with a zero byte', { ...good, pipeline: 'a\0b' }, ['pipeline']],
  ['a pipeline with half a character', { ...good, pipeline: 'a\ud800' }, ['pipeline']],
  ['no contract', { ...good, into: undefined }, ['p.into', 'contract']],
  ['an unknown contract', { ...good, into: 'order' }, ['order', 'one of orders', /did you mean/i], 'UnknownContract'],
  ['no source', { ...good, from: undefined }, ['p.from', 'files(store, glob)']],
  ['a source of another kind', { ...good, from: { kind: 'table' } }, ['p.from.kind'].slice(1)],
  ['a source without a glob', { ...good, from: { kind: 'files', store: 'raw' } }, ['p.from.glob']],
  ['a glob that is a list', { ...good, from: { ...raw('a.csv'), glob: ['a.csv'] } }, ['p.from.glob']],
  ['an unknown store', { ...good, from: { ...raw('a.csv'), store: 'rows' } }, ['rows', 'one of raw'], 'UnknownStore'],
  ['a batch that is none', { ...good, from: { kind: 'batch' } }, ['p.from']],
  [
    'a batch whose manifest lies elsewhere',
    {
      ...good,
      from: {
        kind: 'batch',
        store: '@state',
        manifest: '../../etc/passwd',
        sha256: 'x',
        files: 1,
        filesSkipped: 0,
        bytes: 1,
        rows: 1,
      },
    },
    ['manifest'],
  ],
  [
    'a batch that is gone',
    {
      ...good,
      from: {
        kind: 'batch',
        store: '@state',
        manifest: `batches/${'0'.repeat(64)}.json`,
        sha256: 'x',
        files: 1,
        filesSkipped: 0,
        bytes: 1,
        rows: 1,
      },
    },
    ['batches/000', 'state folder'],
    'BatchMissing',
  ],
  ['a mistyped option', { ...good, intervall: dayOf('2026-01-01') }, ['p.intervall', 'Did you mean "interval"']],
  ['an option of another mode', { ...good, allowEmpty: true }, ['p.allowEmpty']],
  [
    'an option of another type',
    { ...good, from: raw('a.csv', { csv: { header: 'no' as never } }) },
    ['p.from.csv.header', 'true or false', '"no"'],
  ],
  [
    'a delimiter of two characters',
    { ...good, from: raw('a.csv', { csv: { delimiter: '||' } }) },
    ['csv.delimiter', 'one ASCII character', '"||"'],
  ],
  ['an interval that is a text', { ...good, interval: '2026-01-01' }, ['p.interval', '{ start, end }', '"2026-01-01"']],
  [
    'an interval that ends before it starts',
    { ...good, interval: { start: '2026-01-02', end: '2026-01-01' } },
    ['interval', 'an end after the start'],
  ],
  [
    'an interval without a zone',
    { ...good, interval: { start: '2026-01-01T00:00:00', end: '2026-01-02' } },
    ['interval', 'with Z or an offset', '2026-01-01T00:00:00'],
  ],
  [
    'a day that does not exist',
    { ...good, interval: { start: '2026-02-30T00:00:00Z', end: '2026-04-01' } },
    ['interval', '2026-02-30'],
  ],
  [
    'an unknown zone',
    { ...good, interval: { grain: 'day', zone: 'Mars/Olympus' } },
    ['interval.zone', 'Europe/Berlin', 'Mars/Olympus'],
  ],
  ['a grain that is none', { ...good, interval: { grain: 'fortnight' } }, ['p.interval', '{ grain']],
  ['merge without a key', { ...good, mode: 'merge' }, ['p.mode', 'key', 'contract orders']],
  [
    'replace-partition without partitions',
    { ...parts, into: 'orders', partitions: ['2026-01-01'] },
    ['p.mode', 'partition', 'contract orders'],
  ],
  ['replace-partition of nothing in particular', parts, ['p.partitions', 'interval']],
  [
    'an hour where days are replaced',
    { ...parts, partitions: ['2026-01-01T05:00:00Z'] },
    ['partitions', 'first instant of a UTC day', '2026-01-01T05'],
  ],
  [
    'ten thousand days and one',
    { ...parts, interval: { start: '1900-01-01', end: '2026-01-01' } },
    ['partitions', '10000'],
  ],
  ['reprocessing without an interval', { ...good, onChanged: 'reprocess' }, ['p.onChanged', 'interval']],
];

describe('a request is refused at once, with the field, what is expected and what was there:', () => {
  test.each(requests.map(([what, ...rest]) => ({ what, rest })))(
    '$what',
    async ({ rest: [request, says, code = 'InvalidRequest'] }) => {
      await expectRefused(lab, request, { code, says });
    },
  );
});

test('a set that is none at all fails as well', async () => {
  for (const set of [undefined, null, 5, {}, [], [null]]) {
    await expectRefused(lab, set, { code: 'InvalidRequest', says: [], workflow: 'loadTables' });
  }
});
