import type { FieldWriter } from '../../check/row-writer';

const [quote, backslash, comma, brace, newline] = [34, 92, 44, 125, 10] as const;
const chunkBytes = 256 * 1024;
const hex = Buffer.from('0123456789abcdef');

/**
 * Writes rows as lines of JSON, every value a text and NULL left out: what BigQuery reads in one way only. Its CSV has a place for
 * NULL and for empty text in columns of text alone, and columns by position.
 */
export class JsonRows implements FieldWriter {
  #full: Buffer[] = [];
  #buffer = Buffer.allocUnsafe(2 * chunkBytes);
  #at = 0;
  #row = 0;
  #field = 0;
  #text = 0;
  #index = -1;
  /** Rows so far. */
  rows = 0;

  /** For each field of the source the start of its member, such as `"amount":"`; `null`: nobody wants it. */
  readonly #members: readonly (Buffer | null)[];

  constructor(names: readonly (string | null)[]) {
    this.#members = names.map((name) => (name === null ? null : Buffer.from(`${JSON.stringify(name)}:"`)));
  }

  beginRow(): void {
    this.#row = this.#at;
    this.#index = -1;
    this.#put(123);
  }

  beginField(): void {
    this.#index++;
    this.#field = this.#at;
    const member = this.#members[this.#index];
    if (this.#at > this.#row + 1) this.#put(comma);
    if (member) this.#putAll(member);
    this.#text = this.#at;
  }

  byte(byte: number): void {
    this.#room(6);
    if (byte === quote || byte === backslash) this.#buffer[this.#at++] = backslash;
    else if (byte < 32) {
      for (const character of [92, 117, 48, 48, hex[byte >> 4]!, hex[byte & 15]!]) this.#buffer[this.#at++] = character;
      return;
    }
    this.#buffer[this.#at++] = byte;
  }

  holds(text: Buffer): boolean {
    // As it is written here.
    const written = Buffer.from(JSON.stringify(text.toString().replaceAll('""', '"')).slice(1, -1));
    return this.#buffer.compare(written, 0, written.length, this.#text, this.#at) === 0;
  }

  endField(isNull: boolean): void {
    if (isNull || !this.#members[this.#index]) this.#at = this.#field;
    else this.#put(quote);
  }

  endRow(number?: number): void {
    if (number === undefined) {
      this.#at = this.#row;
      return;
    }
    this.rows++;
    this.#put(brace);
    this.#put(newline);
    if (this.#at < chunkBytes) return;
    this.#full.push(this.#buffer.subarray(0, this.#at));
    this.#buffer = Buffer.allocUnsafe(2 * chunkBytes);
    this.#at = 0;
  }

  /** Takes the whole rows that are written. */
  take(last = false): Buffer[] {
    const taken = this.#full;
    this.#full = [];
    if (last && this.#at > 0) taken.push(this.#buffer.subarray(0, this.#at));
    return taken;
  }

  #putAll(bytes: Buffer): void {
    this.#room(bytes.length);
    bytes.copy(this.#buffer, this.#at);
    this.#at += bytes.length;
  }

  #put(byte: number): void {
    this.#room(1);
    this.#buffer[this.#at++] = byte;
  }

  #room(bytes: number): void {
    if (this.#at + bytes <= this.#buffer.length) return;
    const larger = Buffer.allocUnsafe(2 * this.#buffer.length + bytes);
    this.#buffer.copy(larger, 0, 0, this.#at);
    this.#buffer = larger;
  }
}
