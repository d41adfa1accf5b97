import type { LoadMode, LoadRequest } from '../../../workflows/contract';
import { day } from '../../../workflows/interval';
import type { ColumnContract, TableContract } from '../../../workflows/table-contract';
import type { TextRow } from '../harness';
import { canonical } from './canonical';
import type { Ground } from './ground';

/** What a test says of its table; the rest is as most tests need it. An empty key is none. */
export type TableOptions = Partial<Omit<TableContract, 'table'>>;

/** What a test says of a load; pipeline, contract and source are the table's own. */
export type AskedOf = Omit<Partial<LoadRequest>, 'mode' | 'interval'> & {
  /** The day of 2026 that is loaded, from 1. @default none: the file is the unit */
  readonly day?: number;
} & Readonly<Record<string, unknown>>;

const usualColumns: Readonly<Record<string, ColumnContract>> = {
  id: { type: 'bigint' },
  v: { type: 'text' },
  at: { type: 'timestamptz' },
};

/** A day of 2026, counted from 1. */
export const dayOf = (n: number): ReturnType<typeof day> =>
  day(new Date(Date.UTC(2026, 0, n)).toISOString().slice(0, 10));

/** A table of one test, its contract and the files that are loaded into it. */
export class TestTable {
  readonly contract: TableContract;
  readonly columns: readonly string[];
  #files = 0;

  constructor(
    private readonly ground: Ground,
    readonly name: string,
    options: TableOptions,
    number: number,
  ) {
    this.contract = ground.contract(`conformance-${number}`, name, { columns: usualColumns, key: ['id'], ...options });
    this.columns = Object.keys(this.contract.columns);
  }

  /** A request that loads these lines of CSV. A line of two fields has no time. */
  csv(mode: LoadMode, lines: readonly string[], asked: AskedOf = {}): LoadRequest {
    const header = Object.entries(this.contract.columns).map(([name, column]) => quoted(column.from ?? name));
    return this.content(mode, 'csv', [header.join(','), ...lines, ''].join('\n'), asked);
  }

  /** A request that loads a file of this content. */
  content(mode: LoadMode, ending: string, content: string | Uint8Array, asked: AskedOf = {}): LoadRequest {
    const path = `${this.contract.name}/${++this.#files}.${ending}`;
    return this.request(mode, this.ground.file(path, content), asked);
  }

  /** A request that loads files of the store. */
  request(mode: LoadMode, glob: string, { day: n, ...asked }: AskedOf = {}): LoadRequest {
    return {
      pipeline: this.contract.name,
      into: this.contract.name,
      mode,
      from: { kind: 'files', store: 'raw', glob },
      ...(n !== undefined && { interval: dayOf(n) }),
      ...asked,
    } as LoadRequest;
  }

  /** Makes the table past Loadline, with these columns or its own. */
  create(columns?: Readonly<Record<string, string>>): Promise<void> {
    const own = Object.entries(this.contract.columns).map(([name, { type }]) => [name, type] as const);
    const { key } = this.contract;
    return this.ground.harness.createTable({
      name: this.name,
      columns: columns ?? Object.fromEntries(own),
      ...(key && { key }),
    });
  }

  insert(...rows: readonly TextRow[]): Promise<void> {
    return this.ground.harness.insert({ table: this.name, columns: this.columns }, rows);
  }

  /** The rows in one form, in the order of their text. */
  async rows(columns: readonly string[] = this.columns): Promise<string[][]> {
    const [rows = []] = await this.ground.harness.read([{ table: this.name, columns }]);
    return rows.map((row) => row.map((value, i) => canonical(this.contract.columns[columns[i]!]!.type, value))).sort();
  }

  /** The first two columns of every row as `id:v`, in order. */
  async text(): Promise<string> {
    const rows = await this.rows(this.columns.slice(0, 2));
    return rows
      .map((row) => row.join(':'))
      .sort((a, b) => a.localeCompare(b, 'en', { numeric: true }))
      .join(' ');
  }
}

/** A field of CSV. */
export const quoted = (text: string): string => `"${text.replaceAll('"', '""')}"`;
