import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import type { ColumnContract } from '../../../workflows/table-contract';
import { day, openBench } from '../support/bench';
import type { OpenPlace } from '../support/place';

/** How a warehouse names things, and which names it has. */
export interface Naming {
  ident(name: string): string;
  readonly tables: fc.Arbitrary<string>;
  readonly columns: fc.Arbitrary<string>;
}

const parts = [
  "'",
  '"',
  '`',
  '\\',
  "''",
  '--',
  ';',
  '/*',
  '${x}',
  '$1',
  '?',
  ':a',
  '%',
  ',',
  '\n',
  '\t',
  '\\N',
  'ü',
  '名',
  '😀',
  'a',
  ' ',
];
const texts = fc.array(fc.string({ unit: fc.constantFrom(...parts), maxLength: 12 }), { minLength: 20, maxLength: 20 });

/** A name as a contract writes it. */
const written = (name: string): string => name.replaceAll('%', '%25').replaceAll('.', '%2E');

/** What no name and no value may do: end a text, begin a comment, or come back as another. */
export function testQuoting(openPlace: OpenPlace, { ident, tables, columns }: Naming): void {
  test('a table and columns of any name take values of any text, by insert and by merge', async () => {
    const bench = await openBench(openPlace, 'quoting');
    const warehouse = bench.warehouse();
    const names = fc.tuple(columns, columns).filter(([a, b]) => a.toLowerCase() !== b.toLowerCase());
    const load = async (values: readonly string[], n: number): Promise<unknown> => {
      const rows = values.map((value, id) => `${id},"${value.replaceAll('"', '""')}"\n`);
      writeFileSync(join(bench.folder, 'raw', 'q.csv'), `key,value\n${rows.join('')}`);
      return (await bench.load(warehouse, { mode: 'merge', files: 'q.csv', interval: day(n) })).tables[0]!;
    };
    let n = 0;
    try {
      await fc.assert(
        fc.asyncProperty(tables, names, texts, texts, async (table, [key, value], first, second) => {
          const defined: Record<string, ColumnContract> = {
            [key]: { type: 'bigint', from: 'key' },
            [value]: { type: 'text', from: 'value' },
          };
          const called = `${table}${++n}`;
          bench.contract({ table: `main/${bench.schema}.${written(called)}`, columns: defined, key: [key] });
          const relation = bench.relation('t').replace(/.t.$/, () => ident(called));
          for (const values of [first, second]) {
            expect(await load(values, ++n)).toMatchObject({ read: values.length, quarantined: 0 });
            const found = await bench.rows<Record<string, unknown>>(
              `SELECT ${ident(value)} AS ${ident('found')} FROM ${relation} ORDER BY ${ident(key)}`,
            );
            expect(found.map((row) => row['found'])).toEqual(values);
          }
        }),
        { numRuns: 2, endOnFailure: true },
      );
    } finally {
      await bench.close();
    }
  });
}
