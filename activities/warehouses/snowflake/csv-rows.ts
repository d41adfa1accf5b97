import { FieldText } from '../sql/field-text';
import type { FieldColumn, RowsForm, RowsWriter } from '../sql/file-rows';
import { isText, valueReader, type ValueReader } from '../sql/values';

const chunkCharacters = 128 * 1024;

/** Writes rows as CSV in one order of columns, whatever the file's is: quotes around every value, nothing for NULL. */
class CsvRows extends FieldText implements RowsWriter {
  readonly #places: readonly number[];
  readonly #row: string[];
  #misfit: FieldColumn | null = null;
  #lines: string[] = [];
  #size = 0;
  rows = 0;

  constructor(
    private readonly columns: readonly (FieldColumn | null)[],
    private readonly refuse: (column: FieldColumn, line: number) => Error,
    order: readonly string[],
  ) {
    super();
    this.#places = columns.map((column) => (column === null ? -1 : order.indexOf(column.name)));
    this.#row = order.map(() => '');
  }

  override beginRow(): void {
    super.beginRow();
    this.#misfit = null;
    this.#row.fill('');
  }

  endField(isNull: boolean): void {
    const column = this.columns[this.index];
    if (isNull || !column) return;
    const { text } = this;
    const value = column.value ? column.value(text) : text;
    if (value === null) this.#misfit ??= column;
    else this.#row[this.#places[this.index]!] = `"${value.includes('"') ? value.replaceAll('"', '""') : value}"`;
  }

  endRow(number?: number): void {
    if (number === undefined) return;
    if (this.#misfit) throw this.refuse(this.#misfit, number);
    this.rows++;
    const line = `${this.#row.join(',')}\n`;
    this.#lines.push(line);
    this.#size += line.length;
  }

  take(last = false): Buffer[] {
    if (this.#lines.length === 0 || (!last && this.#size < chunkCharacters)) return [];
    const taken = [Buffer.from(this.#lines.join(''))];
    this.#lines = [];
    this.#size = 0;
    return taken;
  }
}

/** CSV with these columns, of values in words that Snowflake reads as PostgreSQL reads the file's. */
export const csvRows = (order: readonly string[]): RowsForm => ({
  writer: (columns, refuse) => new CsvRows(columns, refuse, order),
  valueReader: plainReader,
  text: (text) => text,
});

/** The same values without JSON's marks. */
function plainReader(type: string, columnType: string): ValueReader | undefined {
  const read = valueReader(type, columnType);
  if (!read || (type === 'json' && !isText(columnType))) return read;
  const base = /^[a-z]+/.exec(type)?.[0];
  return (text) => {
    const json = read(text);
    if (json === null) return null;
    if (base === 'json') return JSON.parse(json) as string;
    const value = json.startsWith('"') ? json.slice(1, -1) : json;
    if (base === 'bytes') return Buffer.from(value, 'base64').toString('hex');
    return base === 'real' || base === 'double' ? value.replace(/^(-?)Infinity$/, '$1inf') : value;
  };
}
