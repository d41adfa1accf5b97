import type { CsvOptions } from '../../workflows/contract';
import type { FieldWriter } from './row-writer';

/** What {@link CopyCsv} is told. */
export interface CopyCsvInput {
  readonly csv: Required<CsvOptions>;
  /** How many fields each row has. */
  readonly fields: number;
  readonly writer: FieldWriter;
  /** What a row is known by: the line it begins in, or which row of the file it is. */
  readonly numbered: 'lines' | 'rows';
  refuse(why: CopyRefusal, line: number): Error;
}

/** Why PostgreSQL refuses text. */
export type CopyRefusal = 'ragged' | 'quote' | 'line-end' | 'zero';

const [newline, carriageReturn] = [10, 13] as const;
const doubled = (text: string): Buffer => Buffer.from(text.replaceAll('"', '""'));

/**
 * Reads CSV as PostgreSQL's COPY does, byte by byte: a quote may open and close inside of a field, a line end inside
 * quotes belongs to the text, and all lines end alike.
 */
export class CopyCsv {
  readonly #delimiter: number;
  readonly #quote: number;
  readonly #escape: number;
  readonly #nullText: Buffer;
  #state: 'plain' | 'quoted' | 'escape' | 'return' = 'plain';
  #lineEnd: 'unknown' | 'lf' | 'cr' | 'crlf' = 'unknown';
  #begun = false;
  #sawQuote = false;
  #fields = 0;
  #line = 1;
  #rowLine = 1;
  #rows = 0;
  #isHeader: boolean;

  constructor(private readonly input: CopyCsvInput) {
    const { delimiter, quote, escape, nullText, header } = input.csv;
    [this.#delimiter, this.#quote, this.#escape] = [delimiter, quote, escape].map((c) => c.charCodeAt(0)) as [
      number,
      number,
      number,
    ];
    this.#nullText = doubled(nullText);
    this.#isHeader = header;
  }

  push(chunk: Buffer): void {
    for (let i = 0; i < chunk.length; i++) this.#take(chunk[i]!);
  }

  /** After the last byte; a last row needs no line end. */
  end(): void {
    if (this.#state === 'return') this.#endAtReturn();
    if (this.#state === 'escape' && this.#escape === this.#quote) this.#state = 'plain';
    if (this.#state !== 'plain') throw this.input.refuse('quote', this.#rowLine);
    if (this.#begun) this.#endRow();
  }

  #take(byte: number): void {
    if (byte === 0) throw this.input.refuse('zero', this.#line);
    if (this.#state === 'quoted') this.#inQuotes(byte);
    else if (this.#state === 'escape') this.#afterEscape(byte);
    else if (this.#state === 'return') this.#afterReturn(byte);
    else this.#plain(byte);
  }

  #plain(byte: number): void {
    if (byte === newline) {
      if (this.#lineEnd === 'cr' || this.#lineEnd === 'crlf') throw this.input.refuse('line-end', this.#line);
      this.#lineEnd = 'lf';
      this.#endRow();
      return;
    }
    if (byte === carriageReturn) {
      if (this.#lineEnd === 'lf') throw this.input.refuse('line-end', this.#line);
      if (this.#lineEnd === 'cr') this.#endRow();
      else this.#state = 'return';
      return;
    }
    this.#begin();
    if (byte === this.#delimiter) this.#endField(true);
    else if (byte === this.#quote) {
      this.#sawQuote = true;
      this.#state = 'quoted';
    } else this.input.writer.byte(byte);
  }

  #inQuotes(byte: number): void {
    if (byte === this.#escape) this.#state = 'escape';
    else if (byte === this.#quote) this.#state = 'plain';
    else {
      if (byte === (this.#lineEnd === 'cr' ? carriageReturn : newline)) this.#line++;
      this.input.writer.byte(byte);
    }
  }

  #afterEscape(byte: number): void {
    if (byte === this.#quote || byte === this.#escape) {
      this.#state = 'quoted';
      this.input.writer.byte(byte);
    } else if (this.#escape === this.#quote) {
      this.#state = 'plain';
      this.#plain(byte);
    } else {
      this.#state = 'quoted';
      this.input.writer.byte(this.#escape);
      this.#inQuotes(byte);
    }
  }

  #afterReturn(byte: number): void {
    if (byte !== newline) {
      this.#endAtReturn();
      this.#plain(byte);
      return;
    }
    this.#lineEnd = 'crlf';
    this.#state = 'plain';
    this.#endRow();
  }

  #endAtReturn(): void {
    if (this.#lineEnd === 'crlf') throw this.input.refuse('line-end', this.#line);
    this.#lineEnd = 'cr';
    this.#state = 'plain';
    this.#endRow();
  }

  #begin(): void {
    if (this.#begun) return;
    this.#begun = true;
    this.#fields = 0;
    this.#rowLine = this.#line;
    this.input.writer.beginRow();
    this.#beginField();
  }

  #beginField(): void {
    this.#sawQuote = false;
    this.input.writer.beginField();
  }

  #endField(more: boolean): void {
    const { writer } = this.input;
    this.#fields++;
    writer.endField(!this.#sawQuote && writer.holds(this.#nullText));
    if (more) this.#beginField();
  }

  #endRow(): void {
    // A blank line is a row of one empty field.
    this.#begin();
    this.#endField(false);
    this.#begun = false;
    this.#line++;
    const { writer, fields, numbered } = this.input;
    if (this.#isHeader) {
      this.#isHeader = false;
      writer.endRow();
      return;
    }
    if (this.#fields !== fields) throw this.input.refuse('ragged', this.#rowLine);
    this.#rows++;
    writer.endRow(numbered === 'lines' ? this.#rowLine : this.#rows);
  }
}
