// The files to load: the same bytes on every machine, made once by DuckDB.
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, rename, rm, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { DuckDBInstance } from '@duckdb/node-api';
import { daySql } from './day-sql.mjs';

/** Changes when the data do, so that files of an older version are not taken for these. */
const version = 2;
const formats = {
  csv: 'FORMAT csv, HEADER',
  ndjson: 'FORMAT json',
  parquet: 'FORMAT parquet, COMPRESSION zstd',
};

/** The files below a folder; each is made when it is first asked for. */
export function dataFiles(root, say) {
  return {
    /** The path of `day1.csv` or the like with so many rows, and how the store names it. */
    async get(file, rows) {
      const folder = join(root, `v${version}-${rows}`);
      const path = join(folder, file);
      if (!(await exists(path))) {
        say(`  making ${file} with ${rows.toLocaleString('en')} rows`);
        await mkdir(folder, { recursive: true });
        await (file.endsWith('.gz') ? compress(await this.get(file.slice(0, -3), rows), path) : write(path, rows));
      }
      return { path, rows, glob: `${basename(folder)}/${file}`, bytes: (await stat(path)).size };
    },
    /** Files of `rows` rows each, no key in two of them: the store's names. */
    async getMany(count, rows) {
      const folder = join(root, `v${version}-${count}x${rows}`);
      const names = Array.from({ length: count }, (_, n) => `${n}.csv`);
      if (!(await exists(folder))) {
        await rm(`${folder}.part`, { recursive: true, force: true });
        await mkdir(`${folder}.part`, { recursive: true });
        await withDuckDb(`${folder}.part`, async (connection) => {
          for (const [n, name] of names.entries())
            await copyTo(connection, daySql.day1(rows, n * rows), join(`${folder}.part`, name), 'csv');
        });
        await rename(`${folder}.part`, folder);
      }
      return names.map((name) => `${basename(folder)}/${name}`);
    },
    async remove(file, rows) {
      const path = join(root, `v${version}-${rows}`, file);
      for (const each of [path, `${path}.part`, `${path}.spill`]) await rm(each, { recursive: true, force: true });
    },
  };
}

const exists = (path) =>
  stat(path).then(
    () => true,
    () => false,
  );

async function write(path, rows) {
  const [day, format] = basename(path).split('.');
  await withDuckDb(`${path}.spill`, (connection) => copyTo(connection, daySql[day](rows), `${path}.part`, format));
  await rename(`${path}.part`, path);
}

const copyTo = (connection, sql, path, format) => connection.run(`COPY (${sql}) TO '${path}' (${formats[format]})`);

async function compress({ path: from }, path) {
  await pipeline(createReadStream(from), createGzip(), createWriteStream(`${path}.part`));
  await rename(`${path}.part`, path);
}

/** In little memory: more rows than fit go to a folder beside the file. */
async function withDuckDb(spill, work) {
  const instance = await DuckDBInstance.create(':memory:', {
    threads: '2',
    memory_limit: '2GB',
    temp_directory: spill,
    preserve_insertion_order: 'true',
  });
  const connection = await instance.connect();
  try {
    await connection.run("SET TimeZone = 'UTC'");
    await work(connection);
  } finally {
    connection.closeSync();
    instance.closeSync();
    if (spill.endsWith('.spill')) await rm(spill, { recursive: true, force: true });
  }
}
