import type { FieldWriter } from '../../check/row-writer';

const [quote, backslash, comma, openBrace, closeBrace, newline] = [34, 92, 44, 123, 125, 10] as const;
const chunkBytes = 256 * 1024;
const hex = Buffer.from('0123456789abcdef');

/** A column that rows are written with. */
export interface JsonColumn {
  readonly name: string;
  /** Makes of a field's text the JSON that BigQuery reads; `null`: the text is no value of the column. @default the text */
  readonly json?: (text: string) => string | null;
}

/** What {@link JsonRows} is told. */
export interface JsonRowsInput {
  /** For each field of the source, in order; `null`: nobody wants it. */
  readonly columns: readonly (JsonColumn | null)[];
  /** Why a row is not taken: a text of this column that is no value. */
  refuse(column: JsonColumn, line: number): Error;
}

/**
 * Writes rows as lines of JSON with NULL left out: what BigQuery reads in one way only. Its CSV has a place for NULL and for empty
 * text in columns of text alone, and columns by position.
 */
export class JsonRows implements FieldWriter {
  #full: Buffer[] = [];
  #out = Buffer.allocUnsafe(2 * chunkBytes);
  #at = 0;
  #row = 0;
  /** The text of the field. */
  #text = Buffer.allocUnsafe(64 * 1024);
  #length = 0;
  #index = -1;
  #misfit: JsonColumn | null = null;
  readonly #columns: readonly (JsonColumn & { readonly start: Buffer })[];
  readonly #places: readonly number[];
  /** Rows so far. */
  rows = 0;

  constructor(private readonly input: JsonRowsInput) {
    const wanted = input.columns.filter((column) => column !== null);
    this.#columns = wanted.map((column) => ({ ...column, start: Buffer.from(`${JSON.stringify(column.name)}:`) }));
    let next = 0;
    this.#places = input.columns.map((column) => (column === null ? -1 : next++));
  }

  beginRow(): void {
    this.#row = this.#at;
    this.#index = -1;
    this.#misfit = null;
    this.#put(openBrace);
  }

  beginField(): void {
    this.#index++;
    this.#length = 0;
  }

  byte(byte: number): void {
    if (this.#length === this.#text.length) this.#text = larger(this.#text, this.#length, 1);
    this.#text[this.#length++] = byte;
  }

  holds(text: Buffer): boolean {
    // Given as CSV has it.
    const plain = text.includes('""') ? Buffer.from(text.toString().replaceAll('""', '"')) : text;
    return plain.length === this.#length && plain.compare(this.#text, 0, this.#length) === 0;
  }

  endField(isNull: boolean): void {
    const column = this.#columns[this.#places[this.#index] ?? -1];
    if (isNull || column === undefined) return;
    const { json, start } = column;
    const made = json?.(this.#text.toString('utf8', 0, this.#length));
    if (made === null) this.#misfit ??= column;
    if (this.#at > this.#row + 1) this.#put(comma);
    this.#copy(start);
    if (made === undefined) this.#putText();
    else this.#copy(Buffer.from(made ?? 'null'));
  }

  endRow(number?: number): void {
    if (number === undefined) {
      this.#at = this.#row;
      return;
    }
    if (this.#misfit) throw this.input.refuse(this.#misfit, number);
    this.rows++;
    this.#put(closeBrace);
    this.#put(newline);
    if (this.#at < chunkBytes) return;
    this.#full.push(this.#out.subarray(0, this.#at));
    this.#out = Buffer.allocUnsafe(2 * chunkBytes);
    this.#at = 0;
  }

  /** Takes the whole rows that are written. */
  take(last = false): Buffer[] {
    const taken = this.#full;
    this.#full = [];
    if (last && this.#at > 0) taken.push(this.#out.subarray(0, this.#at));
    return taken;
  }

  #putText(): void {
    // At most six bytes for one.
    this.#room(6 * this.#length + 2);
    const out = this.#out;
    out[this.#at++] = quote;
    for (let i = 0; i < this.#length; i++) {
      const byte = this.#text[i]!;
      if (byte < 32) {
        for (const character of [backslash, 117, 48, 48, hex[byte >> 4]!, hex[byte & 15]!]) out[this.#at++] = character;
        continue;
      }
      if (byte === quote || byte === backslash) out[this.#at++] = backslash;
      out[this.#at++] = byte;
    }
    out[this.#at++] = quote;
  }

  #copy(bytes: Buffer): void {
    this.#room(bytes.length);
    bytes.copy(this.#out, this.#at);
    this.#at += bytes.length;
  }

  #put(byte: number): void {
    this.#room(1);
    this.#out[this.#at++] = byte;
  }

  #room(bytes: number): void {
    if (this.#at + bytes > this.#out.length) this.#out = larger(this.#out, this.#at, bytes);
  }
}

function larger(buffer: Buffer, used: number, more: number): Buffer<ArrayBuffer> {
  const made = Buffer.allocUnsafe(2 * buffer.length + more);
  buffer.copy(made, 0, 0, used);
  return made;
}
