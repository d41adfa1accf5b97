import assert from 'node:assert/strict';
import { join } from 'node:path';
import { openDuck } from '../../../activities/sources/duck';
import type { LoadRequest } from '../../../workflows/contract';
import type { Suite } from '../suite';
import { canonical, nothing } from '../support/canonical';
import { carry } from '../support/carry';
import type { Ground } from '../support/ground';
import { randomNumbers } from '../support/model';
import { quoted, type TestTable } from '../support/table';
import { typeCases, type TypeCase } from '../support/type-values';

const textSeed = 7_071;
const textRows = 300;
const textPieces = ['"', "'", '\\', '\\.', '\\N', 'NULL', ',', ';', '\t', '|', '\n', '\r\n', ' ', '%41', '$1', '--', '{}', '\u00a0', '\u2028', '\ufeff', 'ß', '€', '😀', 'e\u0301', '\u0001', '\u007f', 'x']; // prettier-ignore

/** Values of every type of a contract, out of every format. */
export function values(suite: Suite): void {
  const test = suite.test.bind(suite, 'values');
  const cases = typeCases.filter(({ type }) => suite.lacking(suite.needsOf(type)) === undefined);
  suite.area('values', () => {
    for (const { type } of typeCases.filter((c) => !cases.includes(c)))
      test(`values of type ${type}`, async () => undefined, suite.needsOf(type));

    test('of every type arrive from CSV', (ground) => arrives(ground, cases, csvFile));
    test('of every type arrive from NDJSON', (ground) => arrives(ground, cases, jsonFile));
    test('of every type arrive from Parquet', (ground) => arrives(ground, cases, parquetFile));

    test('that are equal are not written again, whatever their type', async (ground) => {
      const table = tableOf(ground, cases);
      const read = rowsOf(cases).length;
      await carry(ground.run(), await csvFile(ground, table, cases, 'merge', 1));
      const receipt = await carry(ground.run(), await parquetFile(ground, table, cases, 'merge', 2));
      assert.deepEqual([receipt.tables[0]!.read, receipt.tables[0]!.unchanged], [read, read]);
    });

    test('that are missing are told from the empty text', async (ground) => {
      const table = ground.table();
      await carry(ground.run(), table.content('append', 'csv', 'id,v,at\n1,,\n2,"",\n', { day: 1 }));
      const json = '{"id":3,"v":null}\n{"id":4,"v":""}\n{"id":5}\n';
      await carry(ground.run(), table.content('append', 'ndjson', json, { day: 2 }));
      assert.deepEqual(
        (await table.rows(['id', 'v'])).map((row) => row.join(':')),
        [`1:${nothing}`, '2:', `3:${nothing}`, '4:', `5:${nothing}`],
      );
    });

    test('that are text of any characters arrive from CSV and NDJSON', async (ground) => {
      const random = randomNumbers(textSeed);
      const piece = (): string => textPieces[random(textPieces.length)]!;
      const found = Array.from({ length: textRows }, () => Array.from({ length: random(7) }, piece).join(''));
      const table = ground.table({ columns: { id: { type: 'bigint' }, v: { type: 'text' } } });
      const lines = found.map((text, id) => `${id},${quoted(text)}`);
      await carry(ground.run(), table.csv('append', lines, { day: 1 }));
      const json = found.map((v, id) => `${JSON.stringify({ id: id + textRows, v })}\n`).join('');
      await carry(ground.run(), table.content('append', 'ndjson', json, { day: 2 }));
      const rows = new Map((await table.rows(['id', 'v'])).map(([id, v]) => [id, v]));
      for (const [id, text] of [...found, ...found].entries()) assert.equal(rows.get(String(id)), text);
    });

    test('of formats that a contract names are read by them', async (ground) => {
      const table = ground.table({
        key: [],
        columns: {
          id: { type: 'bigint' },
          day: { type: 'date', format: 'dd.MM.yyyy' },
          n: { type: 'decimal(12,2)', format: 'decimal-comma', from: 'Betrag €' },
          at: { type: 'timestamptz', format: 'epoch-millis' },
          yes: { type: 'boolean', format: 'ja/nein' },
        },
      });
      await carry(ground.run(), table.csv('append', ['1,29.02.2024,"-1.234,5",-1,JA'], { day: 1 }));
      assert.deepEqual(await table.rows(), [['1', '2024-02-29', '-1234.5', '1969-12-31T23:59:59.999Z', 'true']]);
    });
  });
}

type Rows = readonly (readonly (TypeCase['values'][number] | null)[])[];
type WriteFile = (ground: Ground, table: TestTable, cases: readonly TypeCase[], mode: 'append' | 'merge', day: number) => Promise<LoadRequest> | LoadRequest; // prettier-ignore

const columnOf = ({ type }: TypeCase): string => `c_${type.replaceAll(/\W/g, '_')}`;

/** The n-th value of every type in the n-th row; the first row has none. */
function rowsOf(cases: readonly TypeCase[]): Rows {
  const most = Math.max(...cases.map((c) => c.values.length));
  return Array.from({ length: most + 1 }, (_, row) => cases.map((c) => c.values[row - 1] ?? null));
}

function tableOf(ground: Ground, cases: readonly TypeCase[]): TestTable {
  const columns = cases.map((c) => [columnOf(c), { type: c.type }] as const);
  return ground.table({ columns: { id: { type: 'integer' }, ...Object.fromEntries(columns) } });
}

async function arrives(ground: Ground, cases: readonly TypeCase[], write: WriteFile): Promise<void> {
  const table = tableOf(ground, cases);
  const rows = rowsOf(cases);
  const receipt = await carry(ground.run(), await write(ground, table, cases, 'append', 1));
  assert.equal(receipt.tables[0]!.inserted, rows.length);
  for (const [i, typeCase] of cases.entries()) {
    const found = new Map((await table.rows(['id', columnOf(typeCase)])).map(([id, value]) => [id, value]));
    const differing = rows.flatMap((row, id) => {
      const value = row[i] ?? null;
      const expected = value === null ? nothing : canonical(typeCase.type, value.stored ?? value.text);
      const got = found.get(String(id));
      return got === expected ? [] : [{ expected: brief(expected), got: brief(got ?? 'no row') }];
    });
    assert.deepEqual(differing, [], `values of type ${typeCase.type}`);
  }
}

const brief = (text: string): string => (text.length > 200 ? `${text.slice(0, 200)}… (${text.length})` : text);

const csvFile: WriteFile = (_, table, cases, mode, day) =>
  table.csv(
    mode,
    rowsOf(cases).map((row, id) => [String(id), ...row.map((value) => (value ? quoted(value.text) : ''))].join(',')),
    { day },
  );

const jsonFile: WriteFile = (_, table, cases, mode, day) => {
  const lines = rowsOf(cases).map((row, id) => {
    const fields = row.map((value, i) => {
      const { json } = cases[i]!;
      const text = value === null ? 'null' : json === 'bare' ? value.text : JSON.stringify(value.text);
      return `${JSON.stringify(columnOf(cases[i]!))}:${text}`;
    });
    return `{"id":${id},${fields.join(',')}}`;
  });
  return table.content(mode, 'ndjson', `${lines.join('\n')}\n`, { day });
};

const parquetFile: WriteFile = async (ground, table, cases, mode, day) => {
  const literal = (text: string): string => `'${text.replaceAll("'", "''")}'`;
  const selects = rowsOf(cases).map((row, id) => {
    const fields = row.map((value, i) => {
      const { parquet } = cases[i]!;
      return `${value === null ? parquet('NULL::VARCHAR') : parquet(literal(value.text))} AS ${columnOf(cases[i]!)}`;
    });
    return `SELECT ${id}::INTEGER AS id, ${fields.join(', ')}`;
  });
  const request = table.content(mode, 'parquet', '', { day });
  const path = join(ground.store.root, (request.from as { glob: string }).glob);
  const duck = await openDuck();
  try {
    await duck.connection.run(`COPY (${selects.join(' UNION ALL ')}) TO ${literal(path)} (FORMAT parquet)`);
  } finally {
    await duck.close();
  }
  return request;
};
