/** Keeps the text of one field after another, as a reader such as `CopyCsv` tells it byte by byte, for writers of rows. */
export abstract class FieldText {
  #bytes = Buffer.allocUnsafe(64 * 1024);
  #length = 0;
  /** Of the field in its row. */
  protected index = -1;

  /** The bytes so far, until the next field begins. */
  protected get bytes(): Buffer {
    return this.#bytes.subarray(0, this.#length);
  }

  protected get text(): string {
    return this.#bytes.toString('utf8', 0, this.#length);
  }

  beginRow(): void {
    this.index = -1;
  }

  beginField(): void {
    this.index++;
    this.#length = 0;
  }

  byte(byte: number): void {
    if (this.#length === this.#bytes.length) this.#bytes = larger(this.#bytes, this.#length, 1);
    this.#bytes[this.#length++] = byte;
  }

  /** Whether the field's text so far is this, as CSV has it. */
  holds(csv: Buffer): boolean {
    const plain = csv.includes('""') ? Buffer.from(csv.toString().replaceAll('""', '"')) : csv;
    return plain.length === this.#length && plain.compare(this.#bytes, 0, this.#length) === 0;
  }
}

/** The same bytes with room for more. */
export function larger(buffer: Buffer, used: number, more: number): Buffer<ArrayBuffer> {
  const made = Buffer.allocUnsafe(2 * buffer.length + more);
  buffer.copy(made, 0, 0, used);
  return made;
}
