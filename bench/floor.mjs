// The floor: what the fastest load written by hand takes, without ledger, fence, audit, retry or crash safety.
import { execFileSync } from 'node:child_process';
import { createReadStream } from 'node:fs';
import { readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { pipeline } from 'node:stream/promises';
import { DuckDBInstance } from '@duckdb/node-api';
import pgCopy from 'pg-copy-streams';
import { columns } from './data.mjs';

const chunkBytes = 256 * 1024;
const definitions = columns.map(([name, type]) => `${name} ${type}`).join(', ');

/** The statements of a folder below `floor/`: variants of one load, of which the fastest counts. */
export async function readVariants(kind) {
  const folder = new URL(`floor/${kind}/`, import.meta.url);
  const files = (await readdir(folder)).filter((name) => name.endsWith('.sql')).sort();
  return Promise.all(
    files.map(async (name) => ({ name: name.slice(0, -4), sql: await readFile(new URL(name, folder), 'utf8') })),
  );
}

/**
 * Times each variant on one stage, the two fastest of them twice, and resolves to their best times, the fastest first.
 */
export async function rankVariants({ database, file, variants, prepare }) {
  const { session } = database;
  await stage(session, file);
  await session.query('DROP TABLE IF EXISTS bench.floor_copy; ALTER TABLE bench.floor_stage RENAME TO floor_copy');
  const time = async ({ name, sql, ms: before = Infinity }) => {
    await prepare();
    await stageAgain(session);
    await database.settle();
    const { ms } = await timed(() => publish(session, sql));
    return { name, sql, ms: Math.min(before, ms) };
  };
  const once = [];
  for (const variant of variants) once.push(await time(variant));
  const [first, second, ...rest] = once.sort(byTime);
  const twice = [await time(first), await time(second)];
  await session.query('DROP TABLE bench.floor_stage, bench.floor_copy');
  return [...twice, ...rest].sort(byTime);
}

const byTime = (a, b) => a.ms - b.ms;

/** The stage as it was after COPY: variants take rows out of it. */
async function stageAgain(session) {
  await session.query('DROP TABLE IF EXISTS bench.floor_stage');
  await session.query(
    'CREATE UNLOGGED TABLE bench.floor_stage WITH (autovacuum_enabled = false) AS SELECT * FROM bench.floor_copy',
  );
  await session.query('ANALYZE bench.floor_stage');
}

/** The number of DuckDB's threads with which a Parquet file is staged fastest: they take turns with PostgreSQL. */
export async function fastestThreads({ session }, file) {
  const best = { threads: 1, ms: Infinity };
  for (const threads of [1, 2, 1, 2]) {
    const { copy } = await stage(session, file, threads);
    if (copy < best.ms) Object.assign(best, { threads, ms: copy });
  }
  await session.query('DROP TABLE bench.floor_stage');
  return best.threads;
}

/** One whole load: from the first byte read until the commit, and the stage dropped. */
export async function floorLoad({ session }, file, { sql, threads }) {
  const parts = {};
  const { ms } = await timed(async () => {
    Object.assign(parts, await stage(session, file, threads));
    parts.sql = (await timed(() => publish(session, sql))).ms;
    await session.query('DROP TABLE bench.floor_stage');
  });
  return { ms, parts };
}

async function stage(session, file, threads = 1) {
  await session.query('DROP TABLE IF EXISTS bench.floor_stage');
  const copy = await timed(async () => {
    await session.query(
      `BEGIN; CREATE UNLOGGED TABLE bench.floor_stage (${definitions}) WITH (autovacuum_enabled = false)`,
    );
    await (file.endsWith('.parquet') ? copyParquet(session, file, threads) : copyCsv(session, file));
    await session.query('COMMIT');
  });
  const analyze = await timed(() => session.query('ANALYZE bench.floor_stage'));
  return { copy: copy.ms, analyze: analyze.ms };
}

function copyCsv(session, file) {
  const into = session.query(pgCopy.from('COPY bench.floor_stage FROM STDIN WITH (FORMAT csv, HEADER true)'));
  return pipeline(createReadStream(file, { highWaterMark: chunkBytes }), into);
}

async function copyParquet(session, file, threads) {
  const fifo = join(tmpdir(), `loadline-bench-${process.pid}.csv`);
  await rm(fifo, { force: true });
  execFileSync('mkfifo', ['-m', '600', fifo]);
  const instance = await DuckDBInstance.create(':memory:', { threads: String(threads) });
  const connection = await instance.connect();
  try {
    await connection.run("SET TimeZone = 'UTC'");
    const names = columns.map(([name]) => name).join(', ');
    const into = session.query(pgCopy.from('COPY bench.floor_stage FROM STDIN WITH (FORMAT csv)'));
    await Promise.all([
      connection.run(
        `COPY (SELECT ${names} FROM '${file}') TO '${fifo}' (FORMAT csv, HEADER false, USE_TMP_FILE false)`,
      ),
      pipeline(createReadStream(fifo, { highWaterMark: chunkBytes }), into),
    ]);
  } finally {
    connection.closeSync();
    instance.closeSync();
    await rm(fifo, { force: true });
  }
}

async function publish(session, sql) {
  await session.query(`BEGIN; ${sql}`);
  await session.query('COMMIT');
}

/** How long something takes, in milliseconds. */
export async function timed(work) {
  const begun = performance.now();
  const value = await work();
  return { ms: performance.now() - begun, value };
}
