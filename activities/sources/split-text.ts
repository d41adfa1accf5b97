import { Readable } from 'node:stream';
import type { ByteRange } from './csv-lines';
import type { RowStream } from './row-stream';

/** CSV text in parts that can be loaded side by side: each holds whole records, together they hold all of them. */
export interface SplitText {
  /** The text's first line is the first part's. */
  readonly parts: readonly Readable[];
  /** The line of the text that a line of a part is, where every line end counts. */
  lineOf(part: number, line: number): number;
  /** Where in the text a part has come from, so far. */
  rangesOf(part: number): readonly ByteRange[];
}

interface Segment {
  readonly chunks: readonly Buffer[];
  readonly range: ByteRange;
  /** Lines of the text before this segment. */
  readonly before: number;
  readonly lines: number;
}

const newline = 0x0a;
/** No byte: in PostgreSQL's text format every line end ends a record. */
const noQuote = -1;

/** Whether quotes and line ends alone tell where a record ends: not where another character escapes a quote. */
export const canSplit = ({ csv }: Pick<RowStream, 'csv'>): boolean => csv === null || csv.quote === csv.escape;

/**
 * Splits text where records end: at a line end outside quotes, each quote character opening or closing them. That is
 * PostgreSQL's own rule where the quote escapes itself, so no part begins inside a record. A part takes what comes next
 * whenever it is read, so that the faster one takes more.
 */
export function splitText(
  { stream, csv }: Pick<RowStream, 'stream' | 'csv'>,
  count: number,
  segmentBytes = 1024 * 1024,
): SplitText {
  const segments = cutSegments(stream, csv ? csv.quote.charCodeAt(0) : noQuote, segmentBytes);
  const taken: Segment[][] = Array.from({ length: count }, () => []);
  let turn: Promise<unknown> = Promise.resolve();
  // One after the other; once the text has failed, every part fails.
  const next = (): Promise<IteratorResult<Segment, void>> => {
    const mine = turn.then(() => segments.next());
    mine.catch(() => undefined);
    turn = mine;
    return mine;
  };
  const first = next();
  async function* take(part: number): AsyncGenerator<Buffer> {
    for (let segment = await (part === 0 ? first : next()); !segment.done; segment = await next()) {
      taken[part]!.push({ ...segment.value, chunks: [] });
      yield* segment.value.chunks;
    }
  }
  const parts = taken.map((_, part) => Readable.from(take(part), { objectMode: false }));
  return {
    parts,
    lineOf: (part, line) => lineIn(taken[part]!, line),
    rangesOf: (part) => taken[part]!.map(({ range }) => range),
  };
}

async function* cutSegments(text: Readable, quote: number, segmentBytes: number): AsyncGenerator<Segment, void> {
  let quoted = 0;
  let segment = { chunks: [] as Buffer[], from: 0, bytes: 0, before: 0, lines: 0 };
  for await (const chunk of text as AsyncIterable<Buffer>) {
    const seen = lastRecordEnd(chunk, quote, quoted);
    quoted = seen.quoted;
    if (segment.bytes + chunk.length < segmentBytes || seen.end === 0) {
      segment.chunks.push(chunk);
      segment.bytes += chunk.length;
      segment.lines += seen.lines;
      continue;
    }
    const lines = segment.lines + seen.linesToEnd;
    const to = segment.from + segment.bytes + seen.end;
    const chunks = [...segment.chunks, chunk.subarray(0, seen.end)];
    yield { chunks, range: [segment.from, to], before: segment.before, lines };
    segment = {
      chunks: [chunk.subarray(seen.end)],
      from: to,
      bytes: chunk.length - seen.end,
      before: segment.before + lines,
      lines: seen.lines - seen.linesToEnd,
    };
  }
  const { chunks, from, bytes, before, lines } = segment;
  yield { chunks, range: [from, from + bytes], before, lines };
}

/** Where the last record that ends in a chunk does, and what the chunk leaves behind. A loop over bytes: it sees all of them. */
function lastRecordEnd(chunk: Buffer, quote: number, quotedBefore: number) {
  let quoted = quotedBefore;
  let lines = 0;
  let end = 0;
  let linesToEnd = 0;
  for (let i = 0; i < chunk.length; i++) {
    const byte = chunk[i]!;
    // Without a branch: quotes come too irregularly for the processor to guess.
    quoted ^= +(byte === quote);
    if (byte !== newline) continue;
    lines++;
    if (quoted === 0) {
      end = i + 1;
      linesToEnd = lines;
    }
  }
  return { quoted, lines, end, linesToEnd };
}

function lineIn(segments: readonly Segment[], line: number): number {
  let left = line;
  for (const { before, lines } of segments) {
    if (left <= lines) return before + left;
    left -= lines;
  }
  const last = segments.at(-1);
  return last ? last.before + last.lines + left : line;
}
