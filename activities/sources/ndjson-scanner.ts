import { nearest } from '../contracts';
import { loadFailure } from '../../workflows/load-error';
import { arrayDocument, malformed } from './ndjson-limits';
import type { WantedColumn } from './row-stream';
import { span, SpanWriter } from './span-writer';

/** What {@link NdjsonScanner} is told. */
export interface NdjsonScannerInput {
  readonly columns: readonly WantedColumn[];
  readonly extraColumns: 'refuse' | 'ignore';
  /** For failures. */
  readonly object: string;
}

const [tab, carriageReturn, newline, space, quote, comma, colon, backslash] = [9, 13, 10, 32, 34, 44, 58, 92] as const;
const [openBracket, openBrace, closeBracket, closeBrace] = [0x5b, 0x7b, 0x5d, 0x7d] as const;
const [minus, plus, point, zero, nine] = [0x2d, 0x2b, 0x2e, 0x30, 0x39] as const;
const nothing = Buffer.from('null');
const literals = [Buffer.from('true'), Buffer.from('false'), nothing];
const ignored = -1;
const keptNames = 20;

/**
 * Reads lines of JSON and writes their values as text for COPY, byte by byte: numbers keep their digits and texts their
 * characters, as no value is ever turned into one of JavaScript's. Every line must end with a line break, which no part
 * of a line can hold, so that its end need not be looked for at each byte.
 */
export class NdjsonScanner {
  /** Rows written, and lines read. */
  rows = 0;
  lines = 0;
  /** After how many rows a blank line came. */
  readonly #blanks: number[] = [];
  readonly #columns: readonly WantedColumn[];
  readonly #byName: ReadonlyMap<string, number>;
  readonly #seen: Uint8Array;
  readonly #unknown = new Set<string>();
  readonly #out: SpanWriter;
  /** The names of the fields by position, as of the row before: the next row mostly has the same. */
  readonly #names: Buffer[] = [];
  readonly #nameColumns: number[] = [];
  #at = 0;
  #escapes = false;
  #start = 0;

  constructor(private readonly input: NdjsonScannerInput) {
    this.#columns = input.columns;
    this.#byName = new Map(input.columns.map(({ from }, index) => [Buffer.from(from).toString('latin1'), index]));
    this.#seen = new Uint8Array(input.columns.length);
    this.#out = new SpanWriter(input.columns.length, (column, what) => this.#refuse(column, what.expected, what.got));
  }

  /** Reads whole lines. @throws `MalformedJson`, `InvalidValue`, `UnknownColumn`, `UnsupportedFormat` */
  push(lines: Buffer): void {
    for (let start = 0; start < lines.length; start = this.#at + 1) {
      this.lines++;
      this.#start = start;
      this.#out.begin();
      if (!this.#object(lines, start)) {
        this.#blanks.push(this.rows);
        continue;
      }
      this.rows++;
      this.#out.end(lines, this.#at - start);
    }
  }

  /** Takes what has been written so far. */
  take(): Buffer[] {
    return this.#out.take();
  }

  /**
   * To be asked after the last line. A field that no row has may be misspelt in the contract; where unknown fields are
   * refused, the right name would have been, so that it is truly absent and NULL.
   *
   * @throws `MissingColumn`
   */
  finish(): void {
    if (this.rows === 0) return;
    const missing = this.#columns.find(
      ({ required }, index) => !this.#seen[index] && (required || this.input.extraColumns === 'ignore'),
    );
    if (!missing) return;
    const near = nearest(missing.from, this.#unknown);
    throw loadFailure('MissingColumn', {
      what: 'No row of the file has a field that the contract names.',
      object: `${this.input.object}: ${missing.from}`,
      expected: `field ${JSON.stringify(missing.from)} in some row`,
      ...(near !== undefined && { remedy: `Did you mean ${JSON.stringify(near)}? Correct the contract's \`from\`.` }),
    });
  }

  /** The line of the file that a row was in, both counted from 1. */
  lineOf(row: number): number {
    return row + this.#blanks.filter((rows) => rows < row).length;
  }

  /** Reads one line and leaves its end in `#at`; false for a blank one. */
  #object(b: Buffer, start: number): boolean {
    let at = blank(b, start);
    if (b[at] === newline) {
      this.#at = at;
      return false;
    }
    if (b[at] === openBracket) throw arrayDocument(this.input.object);
    if (b[at] !== openBrace) throw this.#malformed(at, 'a JSON object on each line');
    at = blank(b, at + 1);
    if (b[at] === closeBrace) at = blank(b, at + 1);
    else at = this.#fields(b, at);
    if (b[at] !== newline) throw this.#malformed(at, 'the end of the line after its object');
    this.#at = at;
    return true;
  }

  #fields(b: Buffer, from: number): number {
    let at = from;
    for (let position = 0; ; position++) {
      if (b[at] !== quote) throw this.#malformed(at, 'the name of a field in double quotes');
      const column = this.#name(b, at + 1, position);
      at = blank(b, this.#at);
      if (b[at] !== colon) throw this.#malformed(at, 'a colon');
      at = blank(b, this.#value(b, blank(b, at + 1), column));
      const next = b[at];
      if (next === closeBrace) return blank(b, at + 1);
      if (next !== comma) throw this.#malformed(at, 'a comma or a closing brace');
      at = blank(b, at + 1);
    }
  }

  /** Finds the column of a field and leaves in `#at` where its name has ended. */
  #name(b: Buffer, from: number, position: number): number {
    const known = this.#names[position];
    if (known !== undefined && begins(b, from, known) && b[from + known.length] === quote) {
      this.#at = from + known.length + 1;
      return this.#nameColumns[position]!;
    }
    const to = this.#text(b, from);
    const raw = b.subarray(from, to);
    this.#at = to + 1;
    const column = this.#columnOf(raw, from);
    this.#names[position] = Buffer.from(raw);
    this.#nameColumns[position] = column;
    return column;
  }

  #columnOf(raw: Buffer, at: number): number {
    let name = raw.toString();
    if (this.#escapes) {
      try {
        name = JSON.parse(`"${name}"`) as string;
      } catch {
        throw this.#malformed(at, 'the name of a field');
      }
    }
    const column = this.#byName.get(Buffer.from(name).toString('latin1'));
    if (column !== undefined) {
      this.#seen[column] = 1;
      return column;
    }
    if (this.input.extraColumns === 'ignore') {
      if (this.#unknown.size < keptNames) this.#unknown.add(name);
      return ignored;
    }
    const near = nearest(
      name,
      this.#columns.map(({ from }) => from),
    );
    throw loadFailure('UnknownColumn', {
      object: `${this.input.object}: ${name.slice(0, 100)}`,
      got: `the field in line ${this.lines}`,
      ...(near !== undefined && {
        remedy: `Did you mean ${JSON.stringify(near)}? Correct the contract or the source.`,
      }),
    });
  }

  /** The end of a text that begins at `from`: where its closing quote is. Leaves in `#escapes` whether it has any. */
  #text(b: Buffer, from: number): number {
    let at = from;
    let escapes = false;
    for (let c; (c = b[at]!) !== quote; at++) {
      if (c === backslash) {
        escapes = true;
        at++;
      }
      if (b[at]! < space) throw this.#malformed(at, 'a text without a bare control character, closed by a quote');
    }
    this.#escapes = escapes;
    return at;
  }

  #value(b: Buffer, from: number, column: number): number {
    const c = b[from]!;
    if (c === quote) return this.#textValue(b, from, column);
    if (c === openBrace || c === openBracket) return this.#nested(b, from, column);
    if (c === minus || (c >= zero && c <= nine)) {
      const to = this.#number(b, from);
      this.#plain(column, from, to);
      return to;
    }
    const word = literals.find((one) => one[0] === c);
    if (word === undefined || !begins(b, from, word)) throw this.#malformed(from, 'a value');
    const to = from + word.length;
    if (word !== nothing) this.#plain(column, from, to);
    else if (column !== ignored && !this.#out.missing(column)) throw this.#twice(column);
    return to;
  }

  #textValue(b: Buffer, from: number, column: number): number {
    const to = this.#text(b, from + 1);
    if (column === ignored) return to + 1;
    const once =
      this.#columns[column]!.nested === true
        ? this.#out.set(column, from, to + 1, this.#escapes ? span.json : span.plain)
        : this.#out.set(column, from + 1, to, this.#escapes ? span.escaped : span.plain);
    if (!once) throw this.#twice(column);
    return to + 1;
  }

  #plain(column: number, from: number, to: number): void {
    if (column !== ignored && !this.#out.set(column, from, to, span.plain)) throw this.#twice(column);
  }

  #nested(b: Buffer, from: number, column: number): number {
    let depth = 0;
    let at = from;
    let special = false;
    do {
      const c = b[at]!;
      if (c === quote) {
        at = this.#text(b, at + 1);
        special ||= this.#escapes;
      } else if (c === openBrace || c === openBracket) depth++;
      else if (c === closeBrace || c === closeBracket) depth--;
      else if (c < space) {
        if (c !== tab && c !== carriageReturn) throw this.#malformed(at, 'a closing bracket');
        special = true;
      }
      at++;
    } while (depth > 0);
    if (column === ignored) return at;
    if (this.#columns[column]!.nested !== true) {
      const got = b[from] === openBrace ? 'an object' : 'an array';
      throw this.#refuse(column, 'a text, a number, true, false or null', got);
    }
    if (!this.#out.set(column, from, at, special ? span.json : span.plain)) throw this.#twice(column);
    return at;
  }

  /** The end of a number, by JSON's grammar. */
  #number(b: Buffer, from: number): number {
    let at = b[from] === minus ? from + 1 : from;
    at = b[at] === zero ? at + 1 : this.#digits(b, at);
    if (b[at] === point) at = this.#digits(b, at + 1);
    if (b[at] === 0x65 || b[at] === 0x45) {
      at++;
      at = this.#digits(b, b[at] === plus || b[at] === minus ? at + 1 : at);
    }
    return at;
  }

  #digits(b: Buffer, from: number): number {
    let at = from;
    while (b[at]! >= zero && b[at]! <= nine) at++;
    if (at === from) throw this.#malformed(at, 'a digit');
    return at;
  }

  #malformed(at: number, expected: string): Error {
    return malformed(this.input.object, this.lines, expected, at - this.#start + 1);
  }

  #twice(column: number): Error {
    return this.#refuse(column, 'each field once', 'the field twice');
  }

  #refuse(column: number, expected: string, got: string): Error {
    return loadFailure('InvalidValue', {
      object: `${this.input.object}, column ${this.#columns[column]!.from}`,
      expected,
      got: `${got} in line ${this.lines}`,
    });
  }
}

function blank(b: Buffer, from: number): number {
  let at = from;
  for (let c = b[at]; c === space || c === tab || c === carriageReturn; c = b[at]) at++;
  return at;
}

function begins(b: Buffer, from: number, word: Buffer): boolean {
  let i = 0;
  while (i < word.length && b[from + i] === word[i]) i++;
  return i === word.length;
}
