import { basename } from 'node:path';
import { validateContract } from '../contracts';
import type { FilesSource } from '../../workflows/contract';
import type { ColumnContract, TableContract } from '../../workflows/table-contract';
import { columnFacts } from './column-facts';
import { columnNames, snakeName } from './column-name';
import { proposeType } from './propose-column';
import { proposeKey, proposeNewest, type KnownColumn } from './propose-key';
import { openSample, type Sample, type SampleOptions } from './sample';

/** What {@link profileFile} is told beside the file. */
export interface ProfileOptions extends SampleOptions {
  /** The contract's name. @default the file's name in snake case */
  readonly name?: string;
  /** `warehouse/schema.table`. @default analytics/public.<name> */
  readonly table?: string;
}

/** A contract that a file suggests, and why. Holds no values of rows. */
export interface Profile {
  readonly contract: TableContract;
  /** How loads must read such files: arguments of `files`. */
  readonly source: Pick<FilesSource, 'format' | 'csv'>;
  readonly rows: number;
  /** How many rows a table of this contract holds of them: of several with one key, the newest. */
  readonly keptRows: number;
  /** By the name of a column: why its type is what it is. */
  readonly reasons: Readonly<Record<string, string>>;
  /** Why this key, or why none. */
  readonly keyReason: string;
}

/**
 * Reads a file as a whole and proposes a contract that it fulfils.
 *
 * @throws `SourceNotFound`, `UnsupportedFormat`, `CorruptFile`, `InvalidEncoding`, `RaggedRow`, `InvalidValue`, `InvalidContract`
 */
export async function profileFile(file: string, options: ProfileOptions = {}): Promise<Profile> {
  const sample = await openSample(file, options);
  try {
    return await profileOf(sample, options);
  } finally {
    await sample.duck.close();
  }
}

async function profileOf(sample: Sample, options: ProfileOptions): Promise<Profile> {
  const name = options.name ?? nameOfFile(sample.object);
  const { columns, rows, source } = sample;
  const names = source.csv?.header === false ? columns.map((c) => c.source) : columnNames(columns.map((c) => c.source));
  const facts = await columnFacts(sample);
  const proposed = columns.map((column, index) => proposeType(column, names[index]!, facts[index]!));
  const known = columns.map(({ name: ref }, index): KnownColumn => ({
    name: names[index]!,
    ref,
    type: proposed[index]!.type,
    facts: facts[index]!,
  }));
  // A contract refers to columns by their names, so one without a name cannot be loaded.
  const named = known
    .map((column, index) => ({ ...column, index }))
    .filter(({ index }) => columns[index]!.source !== '');
  const { key, keys, why: keyReason } = await proposeKey(sample, named, name);
  const newest = proposeNewest(named, key);
  const entries = named.map(({ name: column, facts: { nulls }, index }): [string, ColumnContract] => {
    const { type, format } = proposed[index]!;
    const from = columns[index]!.source;
    const notNull = rows > 0 && nulls === 0;
    return [
      column,
      { type, ...(from === column ? {} : { from }), ...(format && { format }), ...(notNull && { notNull }) },
    ];
  });
  const contract = {
    name,
    table: options.table ?? `analytics/public.${name}`,
    columns: Object.fromEntries(entries),
    ...(key ? { key } : {}),
    ...(newest === null ? {} : { newest }),
    create: 'if-missing',
    ...(named.length < known.length ? { extraColumns: 'ignore' } : {}),
  };
  return {
    contract: validateContract(contract, sample.object),
    source,
    rows,
    keptRows: keys,
    reasons: Object.fromEntries(names.map((column, index) => [column, proposed[index]!.why])),
    keyReason,
  };
}

/** `Orders 2026-11.csv.gz` holds orders: what comes after the words is when, not what. */
function nameOfFile(file: string): string {
  const stem = basename(file).replace(/(\.(csv|tsv|txt|parquet|ndjson|jsonl|json|gz|zst))+$/i, '');
  const name = snakeName(stem);
  return name?.replace(/(_\d+)+$/, '').replace(/^c_\d.*/, '') || 'rows';
}
