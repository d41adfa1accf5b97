import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { readsEndMarker, refuseEndMarker } from '../../../activities/warehouses/postgres/end-marker';
import type { RowStream } from '../../../activities/sources/row-stream';

const csv = { delimiter: ',', quote: '"', escape: '"', nullText: '', header: true };

/** What passes of CSV text that comes in pieces of so many bytes. */
function pass(content: string, size: number, format: RowStream['csv'] = csv): Promise<string> {
  const bytes = Buffer.from(content);
  const chunks = Array.from({ length: Math.ceil(bytes.length / size) }, (_, i) =>
    bytes.subarray(i * size, (i + 1) * size),
  );
  const rows: RowStream = {
    stream: Readable.from(chunks, { objectMode: false }),
    columns: null,
    csv: format,
    bytesRead: () => 0,
    verify: () => Promise.resolve(),
  };
  return text(refuseEndMarker(rows, 'a.csv').stream);
}

const sizes = [1, 2, 3, 4, 5, 1000];

test.each(['a\nx\n\\.\ny\n', 'a\r\n\\.\r\ny\r\n', '\\.\na\n', 'a\n\\.', 'a\n"two\n\\.\nlines"\n'])(
  'a line of only \\. is refused, however the text is cut: %j',
  async (content) => {
    for (const size of sizes) {
      await expect(pass(content, size)).rejects.toMatchObject({
        type: 'InvalidValue',
        message: expect.stringContaining('a.csv') as string,
      });
    }
  },
);

test.each(['', 'a\n"\\."\n', 'a,b\n\\.,1\n1,\\.\n\\..\nx\\.\n', 'a\n\\\n.\n', 'ä\n\\\\.\n'])(
  'other text passes as it is: %j',
  async (content) => {
    for (const size of sizes) expect(await pass(content, size)).toBe(content);
  },
);

test("PostgreSQL's text format passes: there a backslash in a value is doubled", async () => {
  expect(await pass('\\.\n', 2, null)).toBe('\\.\n');
});

test('servers before 18 end at the marker', () => {
  expect([150_018, 170_004, 179_999, 180_000, 180_004].filter(readsEndMarker)).toEqual([150_018, 170_004, 179_999]);
});
