import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { acknowledgementFor, acknowledges, readAcknowledgements } from '../../../cli/replay/acknowledgements';
import { UsageError } from '../../../cli/usage-error';
import type { ChangedPart } from '../../../workers/replay';

const folder = mkdtempSync(join(tmpdir(), 'loadline-acknowledged-'));
const file = join(folder, 'replay-acknowledged.yml');
afterAll(() => rmSync(folder, { recursive: true }));
const read = (text: string) => {
  writeFileSync(file, text);
  return readAcknowledgements(file, true);
};
const renamed: ChangedPart = { part: 'pipeline', from: 'old', to: 'new', kind: { from: 'old', to: 'new' } };
const day = (n: number): ChangedPart => ({
  part: 'interval',
  from: `2026-11-0${n}..2026-11-0${n + 1}`,
  to: `2026-11-0${n}T03..`,
  kind: { from: '24h', to: '24h, 3h later' },
});

test('without a file nothing is acknowledged, unless it was named', () => {
  expect(readAcknowledgements(join(folder, 'none.yml'), false)).toEqual([]);
  expect(() => readAcknowledgements(join(folder, 'none.yml'), true)).toThrow(UsageError);
  expect(read('')).toEqual([]);
});

test('the entry that is suggested acknowledges the change once it has a reason', () => {
  for (const changed of [
    [renamed],
    [day(1)],
    [renamed, day(1)],
    [{ ...renamed, from: '', kind: { from: '', to: 'new' } }],
  ]) {
    const entry = acknowledgementFor('daily', changed);
    expect(() => read(entry)).toThrow(/reason says why/);
    const [acknowledged] = read(`${entry}the pipeline was renamed`);
    expect(acknowledges(acknowledged!, 'daily', changed)).toBe(true);
    expect(acknowledges(acknowledged!, 'other', changed)).toBe(false);
  }
});

test('one entry covers every run of one kind of change, and no other change', () => {
  const [entry] = read(`${acknowledgementFor('daily', [day(1)])}shifted to the new zone`);
  expect(acknowledges(entry!, 'daily', [day(5)])).toBe(true);
  expect(acknowledges(entry!, 'daily', [{ ...day(5), kind: { from: '24h', to: '24h, 4h later' } }])).toBe(false);
  expect(acknowledges(entry!, 'daily', [day(5), renamed])).toBe(false);
  expect(acknowledges(entry!, 'daily', [renamed])).toBe(false);
  const [both] = read(`${acknowledgementFor('daily', [renamed, day(1)])}renamed and shifted`);
  expect(acknowledges(both!, 'daily', [renamed])).toBe(false);
});

test('a star stands for anything', () => {
  const [entry] = read('- { workflow: daily, changed: [pipeline], from: "o*", to: "*", reason: all of them moved }');
  expect(acknowledges(entry!, 'daily', [renamed])).toBe(true);
  expect(acknowledges(entry!, 'daily', [{ ...renamed, from: 'x', kind: { from: 'x', to: 'new' } }])).toBe(false);
});

test.each([
  ['workflow: daily', 'replay-acknowledged.yml:1: the file is a list of changes'],
  ['- daily', ':1: the file holds entries'],
  ['- changed: [pipeline]', ':1: workflow names a workflow type'],
  ['- workflow: daily\n  changed: [colour]', ':2: changed is a list of pipeline'],
  ['- workflow: daily\n  changed: [pipeline]\n  reason: no', ':3: reason says why'],
  [
    '- workflow: daily\n  changed: [pipeline]\n  reason: because it was renamed',
    ':1: from says what each changed part was',
  ],
  ['- workflow: daily\n  why: because', ':2: why is unknown'],
  ['- workflow: [', 'is no YAML'],
])('a malformed file is wrong use, with the line: %s', (text, message) => {
  expect(() => read(text)).toThrow(UsageError);
  expect(() => read(text)).toThrow(message);
});
