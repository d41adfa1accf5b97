/** How a span of JSON becomes text for COPY. */
export const span = {
  missing: 0,
  /** As it stands. */
  plain: 1,
  /** Text with escapes of JSON. */
  escaped: 2,
  /** JSON with backslashes, tabs or carriage returns in it, which COPY must not take for its own. */
  json: 3,
} as const;

/** Why a text cannot be written. */
export interface Unwritable {
  readonly expected: string;
  readonly got: string;
}

const [tab, newline, carriageReturn, backslash, bigN, u] = [9, 10, 13, 92, 78, 117] as const;
const chunkBytes = 256 * 1024;
/** Up to here a loop is faster than a call out of JavaScript. */
const shortBytes = 32;
/** Escapes of JSON that COPY reads alike. */
const shared = new Set([...'bfnrt\\'].map((c) => c.charCodeAt(0)));
const literal = new Set([...'"/'].map((c) => c.charCodeAt(0)));

/** Gathers the spans of a row and writes them as one line of PostgreSQL's text format, in the order of the columns. */
export class SpanWriter {
  readonly #from: Int32Array;
  readonly #to: Int32Array;
  readonly #kind: Uint8Array;
  /** The row that a column's span belongs to. */
  readonly #row: Float64Array;
  #rows = 0;
  #full: Buffer[] = [];
  #buffer = Buffer.allocUnsafe(chunkBytes);
  #at = 0;

  constructor(
    private readonly columns: number,
    private readonly refuse: (column: number, what: Unwritable) => Error,
  ) {
    this.#from = new Int32Array(columns);
    this.#to = new Int32Array(columns);
    this.#kind = new Uint8Array(columns);
    this.#row = new Float64Array(columns);
  }

  /** Begins a row, in which every column is NULL. */
  begin(): void {
    this.#rows++;
  }

  /** Sets a column's value; false if it has one already. */
  set(column: number, from: number, to: number, kind: number): boolean {
    if (this.#row[column] === this.#rows) return false;
    this.#row[column] = this.#rows;
    this.#from[column] = from;
    this.#to[column] = to;
    this.#kind[column] = kind;
    return true;
  }

  /** Sets a column to NULL; false if it has a value already. */
  missing(column: number): boolean {
    return this.set(column, 0, 0, span.missing);
  }

  /** Writes the row, whose spans are of these bytes and no longer than this in all. */
  end(bytes: Buffer, length: number): void {
    // A byte becomes two at most, a NULL two, and each value ends with one.
    this.#room(2 * length + 3 * this.columns + 1);
    const out = this.#buffer;
    const rows = this.#rows;
    for (let column = 0; column < this.columns; column++) {
      if (column > 0) out[this.#at++] = tab;
      const kind = this.#row[column] === rows ? this.#kind[column]! : span.missing;
      const from = this.#from[column]!;
      const to = this.#to[column]!;
      if (kind === span.plain) this.#plain(bytes, from, to);
      else if (kind === span.missing) this.#escape(bigN);
      else if (kind === span.json) this.#json(bytes, from, to);
      else this.#escaped(bytes, from, to, column);
    }
    out[this.#at++] = newline;
  }

  /** Takes what is written. */
  take(): Buffer[] {
    const taken = this.#full;
    this.#full = [];
    if (this.#at > 0) {
      taken.push(this.#buffer.subarray(0, this.#at));
      this.#buffer = this.#buffer.subarray(this.#at);
      this.#at = 0;
    }
    return taken;
  }

  #room(bytes: number): void {
    if (this.#buffer.length - this.#at >= bytes) return;
    if (this.#at > 0) this.#full.push(this.#buffer.subarray(0, this.#at));
    this.#buffer = Buffer.allocUnsafe(Math.max(chunkBytes, bytes));
    this.#at = 0;
  }

  #escape(code: number): void {
    this.#buffer[this.#at++] = backslash;
    this.#buffer[this.#at++] = code;
  }

  #plain(bytes: Buffer, from: number, to: number): void {
    if (to - from > shortBytes) {
      this.#at += bytes.copy(this.#buffer, this.#at, from, to);
      return;
    }
    const buffer = this.#buffer;
    let at = this.#at;
    for (let i = from; i < to; i++) buffer[at++] = bytes[i]!;
    this.#at = at;
  }

  #json(bytes: Buffer, from: number, to: number): void {
    const buffer = this.#buffer;
    let at = this.#at;
    for (let i = from; i < to; i++) {
      let c = bytes[i]!;
      if (c === backslash || c === tab || c === carriageReturn) {
        buffer[at++] = backslash;
        c = c === tab ? 0x74 : c === carriageReturn ? 0x72 : c;
      }
      buffer[at++] = c;
    }
    this.#at = at;
  }

  #escaped(bytes: Buffer, from: number, to: number, column: number): void {
    const buffer = this.#buffer;
    let at = this.#at;
    for (let i = from; i < to; i++) {
      const c = bytes[i]!;
      if (c !== backslash) {
        buffer[at++] = c;
        continue;
      }
      const kind = bytes[++i]!;
      this.#at = at;
      if (shared.has(kind)) this.#escape(kind);
      else if (literal.has(kind)) buffer[this.#at++] = kind;
      else if (kind === u) i = this.#character(bytes, i + 1, to, column);
      else throw this.refuse(column, { expected: 'the escapes of JSON', got: 'another escape' });
      at = this.#at;
    }
    this.#at = at;
  }

  /** Writes the character of an escape such as `\u00e9`, or of two that are one; returns where its last digit is. */
  #character(bytes: Buffer, from: number, to: number, column: number): number {
    const first = this.#hex(bytes, from, to, column);
    if (first === 0) {
      throw this.refuse(column, { expected: 'text without zero bytes, which no table can store', got: '\\u0000' });
    }
    if (first < 0xd800 || first > 0xdfff) {
      this.#codePoint(first);
      return from + 3;
    }
    const follows = bytes[from + 4] === backslash && bytes[from + 5] === u && from + 6 < to;
    const second = first < 0xdc00 && follows ? this.#hex(bytes, from + 6, to, column) : 0;
    if (second < 0xdc00 || second > 0xdfff) {
      throw this.refuse(column, { expected: 'text of whole characters', got: 'half a surrogate pair' });
    }
    this.#codePoint(0x10000 + ((first - 0xd800) << 10) + (second - 0xdc00));
    return from + 9;
  }

  #hex(bytes: Buffer, from: number, to: number, column: number): number {
    const digits = bytes.toString('latin1', from, Math.min(from + 4, to));
    if (/^[0-9a-fA-F]{4}$/.test(digits)) return Number.parseInt(digits, 16);
    throw this.refuse(column, { expected: 'four digits after \\u', got: 'others' });
  }

  #codePoint(code: number): void {
    if (code === tab) this.#escape(0x74);
    else if (code === newline) this.#escape(0x6e);
    else if (code === carriageReturn) this.#escape(0x72);
    else if (code === backslash) this.#escape(backslash);
    else this.#at += this.#buffer.write(String.fromCodePoint(code), this.#at);
  }
}
