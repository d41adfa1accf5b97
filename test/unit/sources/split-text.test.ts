import { Readable } from 'node:stream';
import fc from 'fast-check';
import { canSplit, splitText } from '../../../activities/sources/split-text';

const csv = { delimiter: ',', quote: '"', escape: '"', nullText: '', header: true };

async function parts(text: string, count: number, options: { csv?: typeof csv | null; chunk?: number } = {}) {
  const bytes = Buffer.from(text);
  const size = options.chunk ?? 7;
  const chunks = Array.from({ length: Math.ceil(bytes.length / size) }, (_, i) =>
    bytes.subarray(i * size, (i + 1) * size),
  );
  const split = splitText(
    { stream: Readable.from(chunks), csv: options.csv === undefined ? csv : options.csv },
    count,
    16,
  );
  const read = await Promise.all(
    split.parts.map(async (part) => {
      const got: Buffer[] = [];
      for await (const chunk of part as AsyncIterable<Buffer>) got.push(chunk);
      return Buffer.concat(got).toString();
    }),
  );
  return { read, lineOf: (part: number, line: number) => split.lineOf(part, line) };
}

/** Records as PostgreSQL sees them: a line end outside quotes ends one. */
function records(text: string): string[] {
  const found: string[] = [];
  let [current, quoted] = ['', false];
  for (const character of text) {
    current += character;
    if (character === '"') quoted = !quoted;
    if (character === '\n' && !quoted) {
      found.push(current);
      current = '';
    }
  }
  return current ? [...found, current] : found;
}

describe('text split into parts', () => {
  const field = fc.array(fc.constantFrom('a', 'ü', ' ', '""', '\n', ',', '\r\n', '雪'), { maxLength: 12 });
  const record = fc.array(
    field.map((f) => `"${f.join('')}"`),
    { minLength: 1, maxLength: 3 },
  );
  const text = fc.array(record, { maxLength: 30 }).map((rows) => rows.map((r) => r.join(',')).join('\n'));

  test('holds every record once and whole, however it is cut', async () => {
    await fc.assert(
      fc.asyncProperty(
        text,
        fc.integer({ min: 1, max: 4 }),
        fc.integer({ min: 1, max: 40 }),
        async (t, count, chunk) => {
          const { read } = await parts(t, count, { chunk });
          expect(read.flatMap(records).sort()).toEqual(records(t).sort());
        },
      ),
      { numRuns: 300 },
    );
  });

  test('knows which line of the text a line of a part is', async () => {
    const lines = Array.from({ length: 100 }, (_, i) => `line ${i + 1}`);
    const { read, lineOf } = await parts(lines.join('\n'), 3);
    expect(read.filter((part) => part !== '').length).toBeGreaterThan(1);
    read.forEach((part, i) => {
      part
        .split('\n')
        .filter(Boolean)
        .forEach((line, at) => expect(`line ${lineOf(i, at + 1)}`).toBe(line));
    });
  });

  test('begins with the first line in the first part', async () => {
    const { read } = await parts('head,er\n'.repeat(1) + 'a,b\n'.repeat(50), 3);
    expect(read[0]).toMatch(/^head,er\n/);
    expect(read.slice(1).join('')).not.toContain('head');
  });

  test('of the text format ends records at every line end', async () => {
    const { read } = await parts('a"\t1\nb\t"2\n'.repeat(20), 2, { csv: null });
    expect(read.join('').split('\n').sort()).toEqual('a"\t1\nb\t"2\n'.repeat(20).split('\n').sort());
    expect(read.every((part) => part === '' || part.endsWith('\n'))).toBe(true);
  });

  test('is not tried where another character escapes quotes', () => {
    expect([canSplit({ csv }), canSplit({ csv: null }), canSplit({ csv: { ...csv, escape: '\\' } })]).toEqual([
      true,
      true,
      false,
    ]);
  });

  test('fails in every part when the text does', async () => {
    async function* broken() {
      yield Buffer.from('a,b\n'.repeat(20));
      await Promise.resolve();
      throw new Error('torn');
    }
    const { parts: two } = splitText({ stream: Readable.from(broken()), csv }, 2, 16);
    const ends = await Promise.allSettled(two.map(async (part) => part.resume().toArray()));
    expect(ends.map((end) => end.status)).toEqual(['rejected', 'rejected']);
  });
});
