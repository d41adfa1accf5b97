import { FieldText, larger } from '../sql/field-text';
import type { FieldColumn, RowsWriter } from '../sql/file-rows';

const [quote, backslash, comma, openBrace, closeBrace, newline] = [34, 92, 44, 123, 125, 10] as const;
const chunkBytes = 256 * 1024;
const hex = Buffer.from('0123456789abcdef');

/**
 * Writes rows as lines of JSON with NULL left out: what BigQuery reads in one way only. Its CSV has a place for NULL and for empty
 * text in columns of text alone, and columns by position.
 */
export class JsonRows extends FieldText implements RowsWriter {
  #full: Buffer[] = [];
  #out = Buffer.allocUnsafe(2 * chunkBytes);
  #at = 0;
  #row = 0;
  #misfit: FieldColumn | null = null;
  readonly #columns: readonly (FieldColumn & { readonly start: Buffer })[];
  readonly #places: readonly number[];
  /** Rows so far. */
  rows = 0;

  constructor(
    columns: readonly (FieldColumn | null)[],
    private readonly refuse: (column: FieldColumn, line: number) => Error,
  ) {
    super();
    const wanted = columns.filter((column) => column !== null);
    this.#columns = wanted.map((column) => ({ ...column, start: Buffer.from(`${JSON.stringify(column.name)}:`) }));
    let next = 0;
    this.#places = columns.map((column) => (column === null ? -1 : next++));
  }

  override beginRow(): void {
    super.beginRow();
    this.#row = this.#at;
    this.#misfit = null;
    this.#put(openBrace);
  }

  endField(isNull: boolean): void {
    const column = this.#columns[this.#places[this.index] ?? -1];
    if (isNull || column === undefined) return;
    const { value, start } = column;
    const made = value?.(this.text);
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
    if (this.#misfit) throw this.refuse(this.#misfit, number);
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
    const { bytes } = this;
    this.#room(6 * bytes.length + 2);
    const out = this.#out;
    out[this.#at++] = quote;
    for (const byte of bytes) {
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
