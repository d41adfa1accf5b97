import { ofCode, rowsOf, type Sandbox, sandbox } from './files';
import { packedByDuck, skippable, withChecksum, zstd } from './zstd-data';

let box: Sandbox;
beforeEach(() => (box = sandbox()));
afterEach(() => box.remove());

const text = 'a\n' + Array.from({ length: 100_000 }, (_, i) => `${i},${(i * 7919) % 1000},Grüße\n`).join('');
const checksumOf = async (content: string) => {
  const { default: xxhash } = await import('xxhash-wasm');
  return Number((await xxhash()).h64(content) & 0xffffffffn);
};
const read = (content: Buffer) => {
  box.write('a.csv.zst', content);
  return rowsOf(box, 'a.csv.zst');
};

test('a file of several frames, empty ones, ones to skip and ones with a checksum is read whole', async () => {
  const packed = await packedByDuck(text);
  expect(packed.length).toBeLessThan(text.length / 2);
  const frames = [
    skippable('index'),
    packed,
    zstd(''),
    zstd('x,"y\n"\n'.repeat(50_000)),
    withChecksum(packed, await checksumOf(text)),
  ];
  expect(await read(Buffer.concat(frames))).toBe(text + 'x,"y\n"\n'.repeat(50_000) + text);
  expect(await read(zstd('a\n1\n', await checksumOf('a\n1\n')))).toBe('a\n1\n');
});

test('a file that ends early is refused, wherever it was cut', async () => {
  const packed = withChecksum(await packedByDuck(text), await checksumOf(text));
  for (const cut of [1, 3, 5, 1000, packed.length - 5, packed.length - 8]) {
    await expect(read(packed.subarray(0, packed.length - cut))).rejects.toEqual(ofCode('CorruptFile'));
  }
});

test('damaged data are refused: by their form, by the checksum, or behind the end', async () => {
  const packed = await packedByDuck(text);
  await expect(read(withChecksum(packed, 1))).rejects.toEqual(ofCode('CorruptFile'));
  await expect(read(Buffer.concat([packed, Buffer.from('more data')]))).rejects.toEqual(ofCode('CorruptFile'));
  const sum = await checksumOf(text);
  for (let i = 0; i < 60; i++) {
    const damaged = withChecksum(packed, sum);
    damaged[6 + ((i * 104_729) % (packed.length - 6))]! ^= 1 << (i % 8);
    // What is damaged near the beginning may be no text before it is found to be no zstd.
    const refused = { type: expect.stringMatching(/^(CorruptFile|InvalidEncoding|RaggedRow)$/) as string };
    await expect(read(damaged)).rejects.toMatchObject(refused);
  }
});

test('a demand for much memory is refused, and so is a dictionary', async () => {
  const huge = zstd('a\n');
  huge[5] = 0xff;
  await expect(read(huge)).rejects.toEqual(ofCode('UnsupportedFormat'));
  const dictionary = zstd('a\n');
  dictionary[4] = 1;
  await expect(read(dictionary)).rejects.toEqual(ofCode('UnsupportedFormat'));
});
