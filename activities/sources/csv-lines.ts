import type { CsvOptions } from '../../workflows/contract';

/** Bytes of a text, from the first to before the last. */
export type ByteRange = readonly [from: number, to: number];

const [cr, lf] = [0x0d, 0x0a];

/**
 * The line, as an editor counts them, of a CSV text's record that PostgreSQL has counted up to. Its own count is another one where
 * values hold line ends: it leaves out those of the first record, and those that are written otherwise than the records' own. So the
 * text is read again, and counted both ways.
 *
 * @param ranges - what a session was given of the text, in order; without it all of the text
 * @returns where the record ends; `null` when the text has fewer lines
 */
export async function lineInCsv(
  text: AsyncIterable<Buffer>,
  csv: Required<CsvOptions>,
  counted: number,
  ranges: readonly ByteRange[] = [[0, Infinity]],
): Promise<number | null> {
  const counter = new RecordCounter(csv);
  let at = 0;
  let next = 0;
  for await (const chunk of text) {
    for (const byte of chunk) {
      while (next < ranges.length && at >= ranges[next]![1]) next++;
      const mine = next < ranges.length && at >= ranges[next]![0];
      at++;
      if (counter.read(byte, mine) && counter.counted >= counted) return counter.line;
    }
  }
  return counter.counted >= counted ? counter.line + 1 : null;
}

/** Counts records and line ends as PostgreSQL's COPY does, and lines as an editor does. */
class RecordCounter {
  /** As COPY counts. */
  counted = 1;
  /** Line ends so far. */
  line = 0;
  readonly #quote: number;
  readonly #escape: number | null;
  #quoted = false;
  #escaped = false;
  #recordEnd: number | null = null;
  #before = 0;
  #ended = false;

  constructor({ quote, escape }: Required<CsvOptions>) {
    this.#quote = quote.charCodeAt(0);
    this.#escape = escape === quote ? null : escape.charCodeAt(0);
  }

  /** Takes the next byte, of this session's or not; true at the end of a record of its own. */
  read(byte: number, mine: boolean): boolean {
    const crlf = byte === lf && this.#before === cr;
    this.#before = byte;
    if (byte === lf ? !crlf : byte === cr) this.line++;
    if (!mine) return false;
    // The second half of a line end belongs to the record that it has ended.
    if (crlf && this.#ended) return false;
    if (this.#ended) this.counted++;
    this.#ended = false;
    if (this.#quoted && byte === (this.#recordEnd === lf ? lf : cr)) this.counted++;
    if (this.#quoted && byte === this.#escape) this.#escaped = !this.#escaped;
    if (byte === this.#quote && !this.#escaped) this.#quoted = !this.#quoted;
    if (byte !== this.#escape) this.#escaped = false;
    if (this.#quoted || (byte !== lf && byte !== cr)) return false;
    this.#recordEnd ??= byte;
    this.#ended = true;
    return true;
  }
}
