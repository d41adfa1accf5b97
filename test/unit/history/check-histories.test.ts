import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { checkHistories, knownProtocols, type CheckSurroundings } from '../../../workers/history';

const folder = join(__dirname, '..', '..', 'histories', '0.1.0');
const good = readFileSync(join(folder, 'protocol-1.loaded.json'), 'utf8');
const other = readFileSync(join(folder, 'protocol-1.failed.json'), 'utf8');
const around: CheckSurroundings = { workflowTypes: ['loadTable'], protocols: knownProtocols, oldBefore: new Date(0) };

const file = (content: string | Uint8Array, name = 'a.json') => ({
  file: name,
  content: Buffer.from(content as string),
});
const found = (content: string | Uint8Array, more: Partial<CheckSurroundings> = {}) =>
  checkHistories([file(content)], { ...around, ...more }).map(({ kind, level, line, message }) => ({
    kind,
    level,
    line,
    message,
  }));
const kindsIn = (content: string | Uint8Array, more?: Partial<CheckSurroundings>) =>
  found(content, more).map(({ kind }) => kind);

const base64 = (text: string): string => Buffer.from(text).toString('base64');
/** The first input of the run, as another text. */
const withInput = (change: (clear: string) => string): string =>
  good.replace(
    /"data":"([^"]+)"/,
    (_, data: string) => `"data":"${base64(change(Buffer.from(data, 'base64').toString()))}"`,
  );

test('a history that replays and tells nothing is good', () => {
  expect(checkHistories([file(good), file(other, 'b.json')], around)).toEqual([]);
});

test('what cannot be read as a history is said to be none, and how another is had', () => {
  const dump = JSON.stringify({ events: [{ eventId: { low: 1, high: 0 }, eventTime: { seconds: 1 }, eventType: 1 }] });
  for (const content of ['', '[]', 'hello', good.slice(0, 900), dump, good.replace('"eventId":"2"', '"eventId":"3"')])
    expect(found(content)).toEqual([
      expect.objectContaining({ kind: 'invalid', message: expect.stringMatching(/record/) as string }),
    ]);
  const decoded = good.replace(/\{"metadata":\{"encoding":"[^"]+"\},"data":"([^"]+)"\}/, (_, data: string) =>
    Buffer.from(data, 'base64').toString(),
  );
  expect(decoded).not.toBe(good);
  expect(kindsIn(decoded)).toEqual(['invalid']);
});

test('a file in another encoding is told apart', () => {
  expect(kindsIn(Buffer.from(`\uFEFF${good}`, 'utf16le'))).toEqual(['encoding']);
  expect(kindsIn(`\uFEFF${good}`)).toEqual([]);
});

test('two files of one run are one too many', () => {
  expect(checkHistories([file(good), file(good, 'b.json')], around)).toMatchObject([
    { kind: 'duplicate', file: 'b.json', message: expect.stringContaining('a.json') as string },
  ]);
});

test('a workflow that is gone, and a protocol that is not known, are stale', () => {
  expect(kindsIn(good, { workflowTypes: ['other'] })).toEqual(['stale-workflow']);
  expect(kindsIn(good, { workflowTypes: ['default'] })).toEqual([]);
  expect(kindsIn(good, { protocols: [2] })).toEqual(['stale-protocol']);
});

test('an old history and one that says nothing of the code are warned of', () => {
  expect(found(good, { oldBefore: new Date('2026-12-01') })).toMatchObject([{ kind: 'old', level: 'warning' }]);
  const begun = `${good.split('\n').slice(0, 3).join('\n').replace(/,$/, '')}\n]}`;
  expect(found(begun)).toMatchObject([{ kind: 'empty', level: 'warning' }]);
});

test('what a history tells of people, machines and secrets is found, with the line of its event', () => {
  for (const text of [
    'postgres://u:p@db.internal/x',
    '/srv/exports/a.csv',
    'ann@acme.example',
    'glpat-abcdefghijklmnopqrst',
  ])
    expect(found(withInput(() => JSON.stringify({ deep: [text] })))).toMatchObject([
      { kind: 'unredacted', level: 'error', line: 2 },
    ]);
  expect(kindsIn(withInput(() => JSON.stringify({ 'ann@acme.example': 1 })))).toEqual(['unredacted']);
  expect(kindsIn(good.replace('"attempt":1', '"identity":"4711@build-3","attempt":1'))).toEqual(['unredacted']);
  expect(kindsIn(good.replace('"attempt":1', '"identity":"/srv/exports/plans","attempt":1'))).toEqual(['unredacted']);
});

test('an encrypted payload is found', () => {
  const sealed = good.replace(`"encoding":"${base64('json/plain')}"`, `"encoding":"${base64('binary/encrypted')}"`);
  expect(found(sealed)).toMatchObject([{ kind: 'encrypted', level: 'error', line: 2 }]);
});
