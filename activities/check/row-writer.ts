const [quote, comma, newline] = [34, 44, 10] as const;
const chunkBytes = 256 * 1024;

/** Takes rows field by field, byte by byte, from a reader such as `CopyCsv`. */
export type FieldWriter = Pick<RowWriter, 'beginRow' | 'beginField' | 'byte' | 'holds' | 'endField' | 'endRow'>;

/**
 * Writes rows as CSV that can be read in one way only: first the row's number, then its fields, each quoted; NULL is an
 * empty field without quotes.
 */
export class RowWriter {
  #full: Buffer[] = [];
  #buffer = Buffer.allocUnsafe(2 * chunkBytes);
  #at = 0;
  #row = 0;
  #field = 0;

  beginRow(): void {
    this.#row = this.#at;
  }

  beginField(): void {
    this.byte(comma);
    this.#field = this.#at;
    this.#put(quote);
  }

  /** Adds a byte of a field's text. */
  byte(byte: number): void {
    if (this.#at + 4 > this.#buffer.length) this.#grow();
    if (byte === quote) this.#buffer[this.#at++] = quote;
    this.#buffer[this.#at++] = byte;
  }

  /** Whether the field's text so far is this. */
  holds(text: Buffer): boolean {
    return this.#buffer.compare(text, 0, text.length, this.#field + 1, this.#at) === 0;
  }

  endField(isNull: boolean): void {
    if (isNull) this.#at = this.#field;
    else this.#put(quote);
  }

  /** The row is kept under this number; without one it is none, such as a header. */
  endRow(number?: number): void {
    if (number === undefined) {
      this.#at = this.#row;
      return;
    }
    // Behind the fields, where it is known for texts with line ends too.
    this.beginField();
    for (const digit of String(number)) this.byte(digit.charCodeAt(0));
    this.endField(false);
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
    if (last) taken.push(this.#buffer.subarray(0, this.#at));
    return taken;
  }

  #put(byte: number): void {
    if (this.#at + 1 > this.#buffer.length) this.#grow();
    this.#buffer[this.#at++] = byte;
  }

  #grow(): void {
    const larger = Buffer.allocUnsafe(2 * this.#buffer.length);
    this.#buffer.copy(larger, 0, 0, this.#at);
    this.#buffer = larger;
  }
}
