import assert from 'node:assert/strict';
import type { LoadMode } from '../../../workflows/contract';
import type { Suite } from '../suite';
import { carry } from '../support/carry';
import { countsOf, expectFailure } from '../support/expect';
import type { Ground } from '../support/ground';
import { nothing } from '../support/canonical';
import { modelLoad, randomNumbers, type ModelLoad, type ModelRow } from '../support/model';

const variants: readonly ModelLoad[] = [
  { mode: 'append', newest: false },
  { mode: 'merge', newest: false },
  { mode: 'merge', newest: true },
  { mode: 'insert-only', newest: false },
  { mode: 'insert-only', newest: true },
  { mode: 'replace', newest: false },
  { mode: 'replace', newest: true },
  { mode: 'replace-partition', newest: false },
];
const rounds = 4;
const rowsPerBatch = 40;

/** What each mode leaves in the table, against a model, and what it refuses. */
export function modes(suite: Suite): void {
  const test = suite.test.bind(suite, 'modes');
  suite.area('modes', () => {
    for (const [i, variant] of variants.entries()) {
      const { mode, newest } = variant;
      test(`${mode}${newest ? ' by the newest' : ''} leaves and counts what the model does`, (ground) =>
        againstModel(ground, variant, i + 1));
    }

    test(
      'append leaves out events that the table or the batch has already, within the window',
      async (ground) => {
        const table = ground.table({
          key: [],
          columns: {
            id: { type: 'bigint' },
            v: { type: 'text', notNull: true },
            at: { type: 'timestamptz', notNull: true },
          },
        });
        const dedup = { by: ['v'], time: 'at', window: '1 day' };
        await carry(ground.run(), table.csv('append', ['1,e,2026-01-01T00:00:00Z'], { day: 1, dedup }));
        const lines = ['2,e,2026-01-01T12:00:00Z', '3,e,2026-01-05T00:00:00Z', '4,f,2026-01-05T00:00:00Z', '5,f,2026-01-05T01:00:00Z']; // prettier-ignore
        const receipt = await carry(ground.run(), table.csv('append', lines, { day: 2, dedup }));
        assert.deepEqual(countsOf(receipt.tables[0]), { read: 4, duplicates: 1, unchanged: 1, inserted: 2 });
        assert.equal(await table.text(), '1:e 3:e 4:f');
      },
      ['dedup'],
    );

    test('an empty batch adds nothing, and is a load that has nothing to load', async (ground) => {
      const table = ground.table();
      await carry(ground.run(), table.csv('append', ['1,a,'], { day: 1 }));
      for (const [n, mode] of (['append', 'merge', 'insert-only'] as const).entries()) {
        const receipt = await carry(ground.run(), table.csv(mode, [], { day: n + 2 }));
        assert.deepEqual([receipt.outcome, countsOf(receipt.tables[0])], ['nothing-to-load', {}]);
      }
      assert.equal(await table.text(), '1:a');
    });

    test('an empty batch empties a table only where that was asked for', async (ground) => {
      const table = ground.table();
      await carry(ground.run(), table.csv('replace', ['1,a,', '2,b,'], { day: 1 }));
      await expectFailure(carry(ground.run(), table.csv('replace', [], { day: 2 })), 'EmptyReplace');
      assert.equal(await table.text(), '1:a 2:b');
      const receipt = await carry(ground.run(), table.csv('replace', [], { day: 2, allowEmpty: true }));
      assert.deepEqual(countsOf(receipt.tables[0]), { removed: 2 });
      assert.equal(await table.text(), '');
    });

    test('a partition without rows is emptied only where that was asked for, and others stay', async (ground) => {
      const table = ground.table({ partition: { column: 'at', by: 'day' } });
      const seed = ['1,a,2026-01-01T05:00:00Z', '2,b,2026-01-02T05:00:00Z'];
      await carry(ground.run(), table.csv('append', seed, { day: 1 }));
      const empty = (more: object) => table.csv('replace-partition', [], { partitions: ['2026-01-02'], ...more });
      await expectFailure(carry(ground.run(), empty({})), 'EmptyPartition');
      assert.equal(await table.text(), '1:a 2:b');
      await carry(ground.run(), empty({ allowEmpty: true }));
      assert.equal(await table.text(), '1:a');
    });

    test('a row outside of the partitions that are replaced is refused', async (ground) => {
      const table = ground.table({ partition: { column: 'at', by: 'day' } });
      const request = table.csv('replace-partition', ['1,a,2026-01-02T00:00:00Z'], { day: 1 });
      await expectFailure(carry(ground.run(), request), 'RowsOutsidePartition');
      assert.equal(await table.text(), '');
    });

    for (const mode of ['append', 'merge', 'insert-only'] satisfies LoadMode[])
      test(`${mode} into a table that somebody else has made and filled`, async (ground) => {
        const table = ground.table({ create: 'never' });
        await table.create();
        await table.insert(['7', 'theirs', null]);
        await carry(ground.run(), table.csv(mode, ['1,a,'], { day: 1 }));
        assert.equal(await table.text(), '1:a 7:theirs');
      });
  });
}

/** Loads random batches one after the other, and compares table and counts after each. */
async function againstModel(ground: Ground, variant: ModelLoad, seed: number): Promise<void> {
  const { mode, newest } = variant;
  const table = ground.table({
    ...(newest && { newest: 'at' }),
    ...(mode === 'replace-partition' && { partition: { column: 'at', by: 'day' } }),
  });
  const random = randomNumbers(seed * 7919);
  let expected: readonly ModelRow[] = [];
  for (let round = 1; round <= rounds; round++) {
    const day = `2026-01-0${round}`;
    const batch = batchOf(variant, round, day, random);
    const model = modelLoad(expected, batch, { ...variant, day });
    expected = model.table;
    const receipt = await carry(ground.run(), table.csv(mode, batch.map(lineOf), { day: round }));
    assert.deepEqual(countsOf(receipt.tables[0]), model.counts, `counts of round ${round}`);
    const rows = expected.map((row) => row.map((value) => value ?? nothing)).sort();
    assert.deepEqual(await table.rows(), rows, `the table after round ${round}`);
  }
}

const lineOf = ([id, v, at]: ModelRow): string => [id, v ?? '', at ?? ''].join(',');

/** Rows of few keys, so that most loads meet each other; some rows twice, some times and values missing. */
function batchOf(
  { mode, newest }: ModelLoad,
  round: number,
  day: string,
  random: (below: number) => number,
): ModelRow[] {
  const rows = new Map<string, ModelRow>();
  const batch: ModelRow[] = [];
  for (let i = 0; i < rowsPerBatch; i++) {
    const ownKeys = mode === 'append' || mode === 'replace-partition';
    const id = String(ownKeys ? round * 1_000 + random(30) : random(30));
    // With `newest` two rows of one key differ in their time, or are equal: a tie would be refused.
    const known = rows.get(id);
    const at = mode === 'replace-partition' ? `${day}T0${random(9)}:00:00Z` : timeOf(round, i, random);
    const row: ModelRow = known && (!newest || random(2) === 0) ? known : [id, valueOf(random), at];
    rows.set(id, row);
    batch.push(row);
  }
  return batch;
}

const valueOf = (random: (below: number) => number): string | null => [null, 'a', 'b', 'c'][random(4)]!;

/** Times that no two rows of one round share; one row of a key at most has none. */
function timeOf(round: number, i: number, random: (below: number) => number): string {
  const two = (n: number): string => String(n).padStart(2, '0');
  return `2026-0${1 + random(2)}-1${round}T${two(random(20))}:${two(i)}:00Z`;
}
