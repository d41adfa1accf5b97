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
  lab.contract({
    name: 'events',
    columns: {
      id: { type: 'text', notNull: true },
      at: { type: 'timestamptz', notNull: true },
      what: { type: 'json' },
      seen: { type: 'timestamptz' },
      tree: { type: 'json', notNull: true },
    },
    create: 'if-missing',
  });
  const event = { id: { type: 'text' }, at: { type: 'date' } } as const;
  lab.contract({ name: 'events_keyed', columns: event, key: ['id', 'at'] });
  const unique = { id: { type: 'text', notNull: true, unique: true }, at: { type: 'date', notNull: true } } as const;
  lab.contract({ name: 'events_unique', columns: unique });
  await lab.file('a.csv', 'id,at\n1,2026-01-01\n');
});
afterAll(() => lab.stop());

const good = { pipeline: 'p', into: 'orders', mode: 'append', from: raw('a.csv') };
const window = { by: ['id'], time: 'at', window: '7 days' };
const dedup = (more: object, into = 'events') => ({ ...good, into, dedup: { ...window, ...more } });
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
  ['a dedup of another mode', { ...good, mode: 'merge', dedup: window }, ['p.dedup']],
  ['a dedup without a window', dedup({ window: undefined }), ['p.dedup.window', 'a duration with a unit']],
  ['a window without a unit', dedup({ window: '7' }), ['p.dedup.window', 'from 1s to 3650 days', '"7"']],
  ['a window of eleven years', dedup({ window: '4015 days' }), ['p.dedup.window', '"4015 days"']],
  ['a dedup by nothing', dedup({ by: [] }), ['p.dedup.by', 'at least one column']],
  ['a dedup by an unknown column', dedup({ by: ['id', 'no'] }), ['p.dedup.by', 'contract events', 'no column no']],
  ['a dedup by a column that may be null', dedup({ by: ['what'] }), ['p.dedup.by', 'notNull', 'what']],
  ['a dedup by a time that may be null', dedup({ time: 'seen' }), ['p.dedup.time', 'notNull', 'seen']],
  [
    'a dedup by a time that is none',
    dedup({ time: 'id' }),
    ['p.dedup.time', 'timestamptz column', 'id, which is text'],
  ],
  ['a dedup by json', dedup({ by: ['tree'] }), ['p.dedup.by', 'can be compared', 'tree']],
  ['a dedup by the whole key', dedup({ by: ['id', 'at'] }, 'events_keyed'), ['p.dedup.by', 'insert-only', 'id, at']],
  ['a dedup of unique columns', dedup({}, 'events_unique'), ['p.dedup', '`unique`', 'unique id']],
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
