import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openBench, type Bench } from './support/bench';

let bench: Bench;
beforeEach(async () => {
  bench = await openBench('lines');
});
afterEach(() => bench.stop());

const wrongAt = 4;
/** Rows whose second value spans lines, one of them wrong; and the line that it ends in, as an editor counts. */
function textWith(end: string, inside: string, header: string | null, rows = 6): { text: string; line: number } {
  const records = Array.from(
    { length: rows },
    (_, i) => `${i === rows - 6 + wrongAt ? 'wrong' : i},"a${inside}b""${inside.repeat(i % 3)}c",2026-01-01T00:00:00Z`,
  );
  const before = [...(header === null ? [] : [header]), ...records.slice(0, rows - 6 + wrongAt + 1)].join(end);
  const line = before.split(/\r\n|\r|\n/).length;
  return { text: [...(header === null ? [] : [header]), ...records, ''].join(end), line };
}

async function told(text: string, csv: Record<string, unknown>, sessions = 1): Promise<string> {
  const file = `${sessions}.csv`;
  writeFileSync(join(bench.store.root, file), text);
  const warehouse = bench.warehouse({ copySessions: sessions });
  const from = { kind: 'files', store: 'raw', glob: file, ...(Object.keys(csv).length ? { csv } : {}) } as const;
  const open = await bench.open(warehouse, { mode: 'append', files: file, pipeline: file, from });
  return bench.stage(warehouse, open).then(
    () => 'nothing failed',
    ({ message }: Error) => /line \d+/.exec(message)?.[0] ?? message,
  );
}

const ends = { LF: '\n', CRLF: '\r\n', CR: '\r' } as const;
const headers = { 'a header': 'id,v,at', 'a header of two lines': '"id",v,at', 'no header': null } as const;
const cases = Object.keys(ends).flatMap((end) =>
  Object.keys(ends).flatMap((inside) => Object.keys(headers).map((header) => [end, inside, header])),
) as [keyof typeof ends, keyof typeof ends, keyof typeof headers][];

test('a wrong value is told by the line of an editor, however records end and values go on over lines', async () => {
  const found: Record<string, string> = {};
  const expected: Record<string, string> = {};
  for (const [end, inside, header] of cases) {
    const { text, line } = textWith(ends[end], ends[inside], headers[header]);
    const name = `records end in ${end}, values hold ${inside}, ${header}`;
    expected[name] = `line ${line}`;
    found[name] = await told(text, headers[header] === null ? { header: false } : {});
  }
  expect(Object.keys(found)).toHaveLength(27);
  expect(found).toEqual(expected);
});

test('where another character escapes quotes, too', async () => {
  const rows = ['id,v,at', '1,"a\\"\nb",2026-01-01T00:00:00Z', 'wrong,"c",2026-01-01T00:00:00Z', ''];
  expect(await told(rows.join('\n'), { escape: '\\' })).toBe('line 4');
});

test.each(['LF', 'CRLF'] as const)('a large file of which two sessions have parts, with records that end in %s', async (end) => {
  const { text, line } = textWith(ends[end], '\n', 'id,v,at', 200_000);
  for (const sessions of [1, 2]) expect(await told(text, {}, sessions)).toBe(`line ${line}`);
}); // prettier-ignore
