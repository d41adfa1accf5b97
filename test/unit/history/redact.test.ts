import { redact } from '../../../workers/history/redact';
import { neededTexts } from '../../../workers/history/needed-texts';
import { unredactedIn } from '../../../workers/history/unredacted';
import { codeWords, mayStay, wordsOf } from '../../../workers/history/words';
import { historyShape } from '../../../workers/history/history-shape';
import { valueOf, payloadsIn, type EventJson, type Json } from '../../../workers/history/history-json';

const base64 = (text: string): string => Buffer.from(text).toString('base64');
const payload = (value: Json, encoding = 'json/plain'): Json => ({
  metadata: { encoding: base64(encoding) },
  data: base64(JSON.stringify(value)),
});
const input = (...values: readonly Json[]): Json => ({ payloads: values.map((value) => payload(value)) });

const started = (value: Json, more: Record<string, Json> = {}): EventJson => ({
  eventId: '1',
  eventType: 'EVENT_TYPE_WORKFLOW_EXECUTION_STARTED',
  workflowExecutionStartedEventAttributes: { workflowType: { name: 'daily' }, input: input(value), ...more },
});
const values = (events: readonly EventJson[]): unknown[] => payloadsIn([...events]).map(valueOf);
const nothing = (): boolean => false;

test('numbers, booleans, fields and the shape of values stay, texts do not', () => {
  const { events, told } = redact(
    [started({ rows: [{ name: 'Ann', count: 3, good: true, none: null }, {}] })],
    nothing,
  );
  expect(values(events)).toEqual([{ rows: [{ name: 'redacted-1', count: 3, good: true, none: null }, {}] }]);
  expect([...told]).toEqual([['Ann', new Set(['name'])]]);
});

test('the same text is the same placeholder everywhere, and others are others', () => {
  const { events } = redact([started(['Ann', 'Bob', 'Ann'], { memo: { fields: { note: payload('Bob') } } })], nothing);
  expect(values(events)).toEqual([['redacted-1', 'redacted-2', 'redacted-1'], 'redacted-2']);
});

test('placeholders keep the shape that code may look at, and cannot be computed back', () => {
  const texts = [
    'f3b1c1d2-0000-4000-8000-123456789abc', 'a'.repeat(64), 'https://acme.example/a', 'ann@acme.example', 'in/2026/a.csv.gz', '/srv/x',
  ]; // prettier-ignore
  const [first] = values(redact([started(texts)], nothing).events) as [string[]];
  expect(first).toEqual([
    expect.stringMatching(/^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/),
    expect.stringMatching(/^[0-9a-f]{64}$/),
    'https://redacted-3.invalid/',
    'redacted-4@redacted-4.invalid',
    'redacted-5.csv.gz',
    'redacted-6',
  ]);
  const [second] = values(redact([started(texts.map((text) => text.replace('a', 'b')))], nothing).events);
  expect(second).toEqual(first);
});

test('what no replay looks at is left out: identities, stacks, headers, links; a queue of one worker has no name', () => {
  const failed: EventJson = {
    eventId: '2',
    eventType: 'EVENT_TYPE_ACTIVITY_TASK_FAILED',
    activityTaskFailedEventAttributes: {
      identity: '4711@host',
      failure: { message: 'of Ann', stackTrace: 'at /srv/a.js', applicationFailureInfo: { type: 'Error' } },
    },
  };
  const scheduled: EventJson = {
    eventId: '3',
    eventType: 'EVENT_TYPE_WORKFLOW_TASK_SCHEDULED',
    workflowTaskScheduledEventAttributes: { taskQueue: { name: '4711@host-1', kind: 'TASK_QUEUE_KIND_STICKY' } },
  };
  const { events } = redact([started(null, { header: { fields: { a: payload('x') } } }), failed, scheduled], nothing);
  expect(events[0]!['workflowExecutionStartedEventAttributes']).not.toHaveProperty('header');
  expect(events.slice(1)).toEqual([
    { ...failed, activityTaskFailedEventAttributes: { failure: { message: 'redacted-1', applicationFailureInfo: { type: 'Error' } } } }, // prettier-ignore
    { ...scheduled, workflowTaskScheduledEventAttributes: { taskQueue: { name: 'sticky', kind: 'TASK_QUEUE_KIND_STICKY' } } }, // prettier-ignore
  ]);
});

test('what the SDK has noted for itself stays: patches and flags', () => {
  const marker: EventJson = {
    eventId: '2',
    eventType: 'EVENT_TYPE_MARKER_RECORDED',
    markerRecordedEventAttributes: { markerName: 'core_patch', details: { 'patch-data': input({ id: 'v2', deprecated: false }) } }, // prettier-ignore
  };
  const completed: EventJson = {
    eventId: '3',
    eventType: 'EVENT_TYPE_WORKFLOW_TASK_COMPLETED',
    workflowTaskCompletedEventAttributes: { sdkMetadata: { coreUsedFlags: [1, 2], langUsedFlags: [3] } },
  };
  expect(redact([marker, completed], nothing).events).toEqual([marker, completed]);
});

test('what a local activity gave or threw is redacted as that of any other is', () => {
  const failure = {
    message: 'no customer Ann',
    stackTrace: 'at /srv/a.js',
    applicationFailureInfo: { type: 'Error', details: input('Ann') },
  };
  const data = input({ activity_id: '1', attempt: 1 });
  const local = (details: Json, more: Record<string, Json>): EventJson => ({
    eventId: '2',
    eventType: 'EVENT_TYPE_MARKER_RECORDED',
    markerRecordedEventAttributes: { markerName: 'core_local_activity', details, ...more },
  });
  const { events, told } = redact([local({ data }, { failure }), local({ data, result: input('Ann') }, {})], nothing);
  expect(JSON.stringify(events)).not.toMatch(/Ann|srv/);
  expect(values(events)).toEqual([
    'redacted-2', { activity_id: '1', attempt: 1 }, { activity_id: '1', attempt: 1 }, 'redacted-2',
  ]); // prettier-ignore
  expect([...told.keys()]).toEqual(['no customer Ann', 'Ann']);
});

test('dates, durations and known words may stay; a secret never', () => {
  const words = new Set(['orders', 'postgres://db/x']);
  for (const text of ['', '2026-11-22', '2026-11-22T01:02:03.000Z', '7 days', 'orders'])
    expect([text, mayStay(text, words)]).toEqual([text, true]);
  for (const text of ['Ann', 'postgres://db/x', '2026-11-22 Ann', '4711'])
    expect([text, mayStay(text, words)]).toEqual([text, false]);
});

test('words are what the workflow code is written with, without its comments and without the packages of Temporal', () => {
  const code = [
    '/***/ "./workflows/daily.ts"',
    `/** by: "ann" */ if (input.region === 'EMEA') return "it's";`,
    `// 'remarked'`,
    'const glob = "in/*.csv", next = "*/";',
    '/***/ "./node_modules/@temporalio/common/lib/x.js"',
    `'foreign'`,
    '/***/ "./node_modules/loadline/dist/workflows/load.js"',
    `'InvalidRequest'`,
  ].join('\n');
  const words = codeWords(code);
  for (const word of ['EMEA', "it's", 'in/*.csv', '*/', 'InvalidRequest']) expect([word, words.has(word)]).toEqual([word, true]); // prettier-ignore
  for (const word of ['ann', 'remarked', 'foreign']) expect([word, words.has(word)]).toEqual([word, false]);
});

test('the names in requests and receipts are words, wherever they stand', () => {
  const request = {
    pipeline: 'daily',
    into: 'orders',
    part: 'north',
    from: { kind: 'files', store: 'raw', glob: 'a.csv' },
  };
  const words = wordsOf([started([{ deep: request }, { pipeline: 'no request', owner: 'Ann' }])]);
  expect([...words].sort()).toEqual(['daily', 'files', 'north', 'orders', 'raw']);
});

test.each([
  ['a secret', ['-----BEGIN PRIVATE KEY', 'password=abc', 'eyJhbGciOiJIUzI1.eyJzdWIiOiIx.x', 'glpat-abcdefghijklmnopqrst']],
  ['an address with its host', ['postgres://u:p@db.internal/x', 'see https://acme.example']],
  ['an e-mail address', ['mail to ann@acme.example']],
  ['a process and its host', ['4711@build-3']],
  ['an absolute path', ['/srv/exports/a.csv', 'cannot open /home/ann/x', 'C:\\Users\\ann']],
  ['an IP address', ['connect 10.1.2.3:5432']],
] as const)('%s is known by its look', (kind, texts) => {
  for (const text of texts) expect([text, unredactedIn(text)]).toEqual([text, kind]);
}); // prettier-ignore

test('load keys, paths in a store, versions and placeholders are nothing of the kind', () => {
  const texts = [
    'v1/daily/shop.public.orders/2026-11-22..2026-11-23', 'raw/2026/*.csv', 'redacted-1@redacted-1.invalid', '1.2.3', 'a/b', '3/4',
    'postgres://redacted-1.invalid/', '2026-11-22T00:00:00Z',
  ]; // prettier-ignore
  for (const text of texts) expect([text, unredactedIn(text)]).toEqual([text, undefined]);
});

test('the needed texts are found with few replays', async () => {
  const texts = Array.from({ length: 200 }, (_, index) => `text ${index}`);
  let replays = 0;
  const needed = await neededTexts(texts, (without) => {
    replays++;
    return Promise.resolve(!without.has('text 17') && !without.has('text 150'));
  });
  expect([...needed]).toEqual(['text 17', 'text 150']);
  expect(replays).toBeLessThan(35);
});

test('runs that did the same have one shape, however often and however slowly they did it', () => {
  const event = (name: string, attributes: Json = {}): EventJson => ({ eventId: '9', eventType: name, [`${name}EventAttributes`]: attributes }); // prettier-ignore
  const task = event('workflowTaskScheduled');
  const timer = event('timerStarted');
  const first = started('a');
  const shape = historyShape([first, timer]);
  expect(historyShape([first, task, timer, task, timer])).toBe(shape);
  expect(historyShape([started('b'), timer])).toBe(shape);
  const failed = (type: string) =>
    event('activityTaskFailed', { failure: { cause: { applicationFailureInfo: { type } } } });
  expect(historyShape([first, failed('Fenced')])).not.toBe(historyShape([first, failed('StageLost')]));
  expect(historyShape([first])).not.toBe(shape);
  expect(historyShape([{ ...first, workflowExecutionStartedEventAttributes: { workflowType: { name: 'other' } } }, timer])).not.toBe(shape); // prettier-ignore
});
