import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { WarehouseCapabilities } from '../../../activities/warehouses/warehouse';
import { warehouseConformance, type TestRunner } from '../../../testing';
import { canonical } from '../../../testing/conformance/support/canonical';
import { modelLoad, type ModelRow } from '../../../testing/conformance/support/model';

const capabilities: WarehouseCapabilities = {
  name: 'acme',
  proof: 'stand-in',
  enforcesKeys: false,
  without: { rollback: 'nothing is kept', 'type decimal(38,18)': 'it has 18 digits', 'stop at lock': 'publish is one statement' },
}; // prettier-ignore

/** A runner that runs nothing by itself. */
function recorder() {
  const tests: string[] = [];
  const skipped: string[] = [];
  const after: (() => Promise<void>)[] = [];
  const runner: TestRunner = {
    describe: (_, body) => body(),
    test: (title) => tests.push(title),
    skip: (title) => skipped.push(title),
    beforeAll: () => undefined,
    afterAll: (body) => after.push(body),
  };
  return { runner, tests, skipped, after };
}
const openHarness = () => Promise.reject(new Error('nothing is opened'));

test('what a warehouse is without is skipped with why, and everything else is demanded', () => {
  const { runner, tests, skipped } = recorder();
  warehouseConformance(capabilities, openHarness, { runner, module: '/harness' });
  expect(skipped).toEqual(
    expect.arrayContaining([
      'values of type decimal(38,18): n/a (it has 18 digits)',
      'a merge cannot be rolled back, and says so before: n/a (nothing is kept)',
      expect.stringMatching(/^in publish, once it has the lock.*n\/a \(publish is one statement\)$/),
    ]),
  );
  expect(skipped.filter((title) => /type decimal\(9|once rows are written:/.test(title))).toEqual([]);
  expect(tests.length).toBeGreaterThan(90);
});

test('without a module for it no process is killed, and the matrix says why', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'loadline-matrix-'));
  const told = jest.spyOn(process.stdout, 'write').mockReturnValue(true);
  try {
    const { runner, skipped, after } = recorder();
    const report = join(folder, 'reports', 'acme.md');
    warehouseConformance(capabilities, openHarness, { runner, report });
    expect(skipped.filter((title) => title.includes('loads the rows once')).length).toBe(9);
    for (const body of after) await body();
    const lines = readFileSync(report, 'utf8').split('\n');
    expect(lines[0]).toMatch(/^\| guarantee +\| acme +\|$/);
    expect(lines.find((line) => line.includes('dies anywhere'))).toMatch(/\| n\/a \(no `module` was given\) +\|$/);
    expect(lines.find((line) => line.includes('rolled back'))).toMatch(/n\/a \(nothing is kept\); 2 not run/);
    expect(told).toHaveBeenCalled();
  } finally {
    told.mockRestore();
    rmSync(folder, { recursive: true });
  }
});

test.each([
  ['decimal(12,2)', '1.50', '1.5'],
  ['decimal(38,18)', '-0.000', '0'],
  ['decimal(38,18)', '1e-18', '0.000000000000000001'],
  ['decimal(38,18)', '-12.50E+3', '-12500'],
  ['bigint', '+0009223372036854775807', '9223372036854775807'],
  ['real', '0.100000001490116', String(Math.fround(0.1))],
  ['double', '1.0', '1'],
  ['boolean', 't', 'true'],
  ['date', '0001-01-01', '0001-01-01'],
  ['time', '12:00', '12:00:00'],
  ['timestamp', '2026-01-01 00:00:00.500000', '2026-01-01T00:00:00.5'],
  ['timestamptz', '2026-01-01 00:00:00.000001+00', '2026-01-01T00:00:00.000001Z'],
  ['timestamptz', '2026-01-01T00:00:00 UTC', '2026-01-01T00:00:00Z'],
  ['bytes', '\\xDEAD', 'dead'],
  ['json', '{"b":[1, null],"a":{"d":1,"c":2}}', '{"a":{"c":2,"d":1},"b":[1,null]}'],
  ['text', '1.50', '1.50'],
])('a %s of %s has one form', (type, text, form) => {
  expect(canonical(type, text)).toBe(form);
});

const rows = (...texts: string[]): ModelRow[] => texts.map((t) => t.split(' ') as unknown as ModelRow);

test('the model merges by the newest, and counts every row once', () => {
  const table = rows('1 a 2026-01-02', '2 b 2026-01-02');
  const batch = rows('1 old 2026-01-01', '2 new 2026-01-03', '2 newer 2026-01-04', '3 c 2026-01-01', '3 c 2026-01-01');
  expect(modelLoad(table, batch, { mode: 'merge', newest: true })).toEqual({
    table: rows('1 a 2026-01-02', '2 newer 2026-01-04', '3 c 2026-01-01'),
    counts: { read: 5, duplicates: 2, inserted: 1, updated: 1, stale: 1 },
  });
});

test('the model refuses a batch that contradicts itself', () => {
  expect(() => modelLoad([], rows('1 a t', '1 b t'), { mode: 'append', newest: false })).toThrow('contradicts');
});
