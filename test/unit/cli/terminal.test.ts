import { sqlText } from '../../../cli/sql-text';
import { fields, hang, paint, terminalOf, type Stream } from '../../../cli/terminal';
import { plain } from './streams';

/** A stream that keeps what is written to it. */
function stream(more: Partial<Stream> = {}): Stream & { text: string } {
  const kept = { text: '', write: (text: string) => void (kept.text += text), ...more };
  return kept;
}
const options = { json: false, verbose: false };
const green = paint.green('loaded');
const { NO_COLOR, FORCE_COLOR, TERM } = process.env;

beforeEach(() => {
  process.env['TERM'] = 'xterm';
  delete process.env['NO_COLOR'];
  delete process.env['FORCE_COLOR'];
});
afterAll(() => {
  for (const [name, value] of Object.entries({ NO_COLOR, FORCE_COLOR, TERM }))
    if (value === undefined) delete process.env[name];
    else process.env[name] = value;
});

test('each stream has the colours that it can show', () => {
  const [stdout, stderr] = [stream(), stream({ isTTY: true })];
  const terminal = terminalOf({ stdout, stderr }, options);
  terminal.result(null, () => green);
  terminal.note(green);
  expect([stdout.text, stderr.text]).toEqual(['loaded\n', `${green}\n`]);
  expect(green).not.toBe('loaded');
});

test('NO_COLOR takes colours from a terminal, FORCE_COLOR gives them to a pipe, and NO_COLOR wins', () => {
  const written = (isTTY: boolean): string => {
    const stdout = stream({ isTTY });
    terminalOf({ stdout, stderr: stream() }, options).result(null, () => green);
    return stdout.text.trimEnd();
  };
  process.env['FORCE_COLOR'] = '1';
  expect(written(false)).toBe(green);
  process.env['NO_COLOR'] = '1';
  expect([written(false), written(true)]).toEqual(['loaded', 'loaded']);
  delete process.env['NO_COLOR'];
  process.env['FORCE_COLOR'] = '0';
  expect(written(true)).toBe('loaded');
});

test('lines are as wide as the terminal, and endless in a pipe', () => {
  const widths: number[] = [];
  for (const stdout of [stream({ isTTY: true, columns: 60 }), stream({ isTTY: true }), stream({ columns: 60 })])
    terminalOf({ stdout, stderr: stream() }, options).result(null, (columns) => String(widths.push(columns)));
  expect(widths).toEqual([60, 80, Infinity]);
});

test('a sentence is broken between words behind its head; a path stays whole', () => {
  expect(hang('→ ', 'Look at /a/very/long/path/that/is/to/be/copied.csv and correct it.', 30)).toBe(
    ['→ Look at', '  /a/very/long/path/that/is/to/be/copied.csv', '  and correct it.'].join('\n'),
  );
  expect(plain(fields([['on', 'one two three four five six'], ['expected', 'x'], ['none', undefined]], '  ', 34))).toBe(
    ['  on        one two three four', '            five six', '  expected  x'].join('\n'),
  ); // prettier-ignore
});

test('a statement has a line for each clause, and what is quoted stays whole', () => {
  const sql = `INSERT INTO "t" ("a", "FROM here") SELECT s."a", 'x WHERE y' FROM "s" s
               WHERE NOT (s."a" < 0 AND s."a" IS NULL) AND s."b" IS DISTINCT FROM 1 ORDER BY s."a"`;
  expect(plain(sqlText(sql))).toMatchInlineSnapshot(`
   "INSERT INTO "t" ("a", "FROM here")
     SELECT s."a", 'x WHERE y'
     FROM "s" s
     WHERE NOT (s."a" < 0 AND s."a" IS NULL)
       AND s."b" IS DISTINCT FROM 1
     ORDER BY s."a""
  `);
  expect(plain(sqlText('DELETE FROM "t" WHERE "day" >= 1'))).toBe('DELETE FROM "t"\n  WHERE "day" >= 1');
  const narrow = plain(sqlText(sql, 40)).split('\n');
  expect(Math.max(...narrow.map((line) => line.length))).toBeLessThanOrEqual(40);
});
