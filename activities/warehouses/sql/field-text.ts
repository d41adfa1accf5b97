/** The text of one field after another, as a reader such as `CopyCsv` tells it byte by byte. */
export class FieldText {
  #bytes = Buffer.allocUnsafe(64 * 1024);
  #length = 0;

  /** The bytes so far, until the next field begins. */
  get bytes(): Buffer {
    return this.#bytes.subarray(0, this.#length);
  }

  get text(): string {
    return this.#bytes.toString('utf8', 0, this.#length);
  }

  begin(): void {
    this.#length = 0;
  }

  add(byte: number): void {
    if (this.#length === this.#bytes.length) this.#bytes = larger(this.#bytes, this.#length, 1);
    this.#bytes[this.#length++] = byte;
  }

  /** Whether it is this, as CSV has it. */
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
