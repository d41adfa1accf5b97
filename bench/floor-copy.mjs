// How the rows of a file get into the floor's stage. Where there are several ways, the fastest is the floor's.
import { execFileSync, spawn } from 'node:child_process';
import { createReadStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { DuckDBInstance } from '@duckdb/node-api';
import pgCopy from 'pg-copy-streams';
import { columns, definitions } from './day-sql.mjs';
import { onEnd } from './teardown.mjs';

const chunkBytes = 256 * 1024;
const reading = { highWaterMark: chunkBytes };
const names = columns.map(([name]) => name).join(', ');

/** Fills `bench.floor_stage`, made anew, with the rows of a file. */
export async function stage(session, file, way) {
  await session.query('DROP TABLE IF EXISTS bench.floor_stage');
  await session.query(
    `BEGIN; CREATE UNLOGGED TABLE bench.floor_stage (${definitions}) WITH (autovacuum_enabled = false)`,
  );
  await way.copy(session, file.path);
  await session.query('COMMIT');
}

const intoStage = (session, options = '') =>
  session.query(pgCopy.from(`COPY bench.floor_stage FROM STDIN WITH (FORMAT csv${options})`));

/** DuckDB takes turns with PostgreSQL, so that more threads are not always faster. */
const byDuckDb = (source) =>
  [1, 2].map((threads) => ({
    name: `DuckDB with ${threads} thread${threads > 1 ? 's' : ''}`,
    copy: (session, path) => copyByDuckDb(session, source(path), threads),
  }));

const ways = {
  csv: [
    {
      name: 'COPY',
      copy: (session, path) => pipeline(createReadStream(path, reading), intoStage(session, ', HEADER true')),
    },
  ],
  gz: [
    {
      name: "gunzip by Node's zlib",
      copy: (session, path) =>
        pipeline(
          createReadStream(path, reading),
          createGunzip({ chunkSize: chunkBytes }),
          intoStage(session, ', HEADER true'),
        ),
    },
    { name: 'gunzip as a process', copy: copyByGunzip },
  ],
  ndjson: [
    ...byDuckDb((path) => `read_json('${path}', format = 'newline_delimited', columns = {${jsonColumns()}})`),
    { name: 'lines by json_to_record', copy: copyJsonLines },
  ],
  parquet: byDuckDb((path) => `'${path}'`),
};

/** The ways for the format of a file. */
export const waysOf = (path) => ways[basename(path).split('.').at(-1)];

function jsonColumns() {
  const types = { jsonb: 'JSON', text: 'VARCHAR', 'numeric(12,2)': 'DECIMAL(12,2)' };
  return columns.map(([name, type]) => `${name}: '${types[type] ?? type}'`).join(', ');
}

async function copyByGunzip(session, path) {
  const gunzip = spawn('gunzip', ['-c', path], { stdio: ['ignore', 'pipe', 'inherit'] });
  await pipeline(gunzip.stdout, intoStage(session, ', HEADER true'));
}

/** JSON escapes control characters, so that these two are in no line. */
async function copyJsonLines(session, path) {
  await session.query('CREATE UNLOGGED TABLE bench.floor_lines (line text) WITH (autovacuum_enabled = false)');
  const lines = session.query(
    pgCopy.from(String.raw`COPY bench.floor_lines FROM STDIN WITH (FORMAT csv, QUOTE E'\x01', DELIMITER E'\x02')`),
  );
  await pipeline(createReadStream(path, reading), lines);
  await session.query(
    `INSERT INTO bench.floor_stage
     SELECT r.* FROM bench.floor_lines, json_to_record(line::json) AS r(${definitions});
     DROP TABLE bench.floor_lines`,
  );
}

async function copyByDuckDb(session, source, threads) {
  const fifo = join(tmpdir(), `loadline-bench-${process.pid}.csv`);
  await rm(fifo, { force: true });
  execFileSync('mkfifo', ['-m', '600', fifo]);
  const removeFifo = onEnd(() => rm(fifo, { force: true }));
  const instance = await DuckDBInstance.create(':memory:', { threads: String(threads) });
  const connection = await instance.connect();
  try {
    await connection.run("SET TimeZone = 'UTC'");
    await Promise.all([
      connection.run(
        `COPY (SELECT ${names} FROM ${source}) TO '${fifo}' (FORMAT csv, HEADER false, USE_TMP_FILE false)`,
      ),
      pipeline(createReadStream(fifo, reading), intoStage(session)),
    ]);
  } finally {
    connection.closeSync();
    instance.closeSync();
    await removeFifo();
  }
}
