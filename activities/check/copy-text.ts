import type { FieldWriter } from './row-writer';

const [tab, newline, backslash, bigN] = [9, 10, 92, 78] as const;
const escapes: Readonly<Record<string, number>> = { b: 8, f: 12, n: 10, r: 13, t: 9, v: 11 };

/** Reads PostgreSQL's text format, as rows of NDJSON come: tabs between fields, backslash escapes, `\N` for NULL. */
export class CopyText {
  #rows = 0;
  #begun = false;
  #escaped = false;
  #isNull = false;

  constructor(private readonly writer: FieldWriter) {}

  push(chunk: Buffer): void {
    for (let i = 0; i < chunk.length; i++) this.#take(chunk[i]!);
  }

  #take(byte: number): void {
    const { writer } = this;
    if (!this.#begun) {
      this.#begun = true;
      writer.beginRow();
      writer.beginField();
    }
    if (this.#escaped) {
      this.#escaped = false;
      if (byte === bigN) this.#isNull = true;
      else writer.byte(escapes[String.fromCharCode(byte)] ?? byte);
    } else if (byte === backslash) this.#escaped = true;
    else if (byte === tab) {
      this.#endField();
      writer.beginField();
    } else if (byte === newline) {
      this.#endField();
      this.#begun = false;
      writer.endRow(++this.#rows);
    } else writer.byte(byte);
  }

  #endField(): void {
    this.writer.endField(this.#isNull);
    this.#isNull = false;
  }
}
