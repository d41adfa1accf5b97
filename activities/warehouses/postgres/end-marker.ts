import { Transform, type TransformCallback } from 'node:stream';
import { loadFailure } from '../../../workflows/load-error';
import type { RowStream } from '../../sources/row-stream';

/** Before this version a line of only `\.` ended COPY, in CSV as well: what came after it was dropped in silence. */
export const readsEndMarker = (version: number): boolean => version < 180_000;

/** Passes CSV text on. Its stream @throws `InvalidValue` at a line that an older server would take for the end. */
export function refuseEndMarker(rows: RowStream, object: string): RowStream {
  if (rows.csv === null) return rows;
  const guard = new EndMarkerGuard(object);
  rows.stream.on('error', (error) => guard.destroy(error));
  guard.on('close', () => rows.stream.destroy());
  return { ...rows, stream: rows.stream.pipe(guard) };
}

const marker = Buffer.from('\\.');
const isLineEnd = (byte: number | undefined): boolean => byte === 0x0a || byte === 0x0d;

class EndMarkerGuard extends Transform {
  /** The end of what has passed: a marker may be cut in two. */
  #carry: Buffer = Buffer.from('\n');

  constructor(private readonly object: string) {
    super();
  }

  override _transform(chunk: Buffer, _encoding: string, done: TransformCallback): void {
    const text = Buffer.concat([this.#carry, chunk]);
    this.#carry = text.subarray(-3);
    done(this.#refusal(text), chunk);
  }

  override _flush(done: TransformCallback): void {
    done(this.#refusal(Buffer.concat([this.#carry, Buffer.from('\n')])));
  }

  #refusal(text: Buffer): Error | null {
    for (let at = text.indexOf(marker); at >= 0; at = text.indexOf(marker, at + 1)) {
      if (!isLineEnd(text[at - 1]) || !isLineEnd(text[at + 2])) continue;
      return loadFailure('InvalidValue', {
        object: this.object,
        expected: 'no line that holds \\. alone',
        got: 'one',
        remedy: 'PostgreSQL before 18 ends the data there: put quotes around the value, change it, or load into 18.',
      });
    }
    return null;
  }
}
