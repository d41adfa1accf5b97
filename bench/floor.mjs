// The floor: what the fastest load written by hand takes, without ledger, fence, audit, retry or crash safety.
import { readdir, readFile } from 'node:fs/promises';
import { stage, waysOf } from './floor-copy.mjs';
import { timed } from './stats.mjs';

/** Another form of a load is not worth its time any more when it has taken this much more than the best. */
const hopeless = 1.3;
const byTime = (a, b) => a.ms - b.ms;

/** One whole load: from the first byte read until the commit, and the stage dropped. */
export async function floorLoad({ session }, file, { sql, way }) {
  const parts = {};
  const { ms } = await timed(async () => {
    parts.copy = (await timed(() => stage(session, file, way))).ms;
    parts.sql = (await timed(() => publish(session, sql))).ms;
    await session.query('DROP TABLE bench.floor_stage');
  });
  return { ms, parts };
}

/** The statements of a folder below `floor/`: variants of one load, of which the fastest counts. */
async function readVariants(kind) {
  const folder = new URL(`floor/${kind}/`, import.meta.url);
  const files = (await readdir(folder)).filter((name) => name.endsWith('.sql')).sort();
  return Promise.all(
    files.map(async (name) => ({ name: name.slice(0, -4), sql: await readFile(new URL(name, folder), 'utf8') })),
  );
}

/**
 * Times the variants on one stage, the two fastest of them twice and the fastest also with statistics of the stage;
 * resolves to their best times, the fastest first. One that is far behind is cut off: its time is then `null`.
 */
export async function rankVariants({ database, file, full, prepare }) {
  const { session } = database;
  await stage(session, file, waysOf(file.path)[0]);
  await session.query('DROP TABLE IF EXISTS bench.floor_copy; ALTER TABLE bench.floor_stage RENAME TO floor_copy');
  let best = Infinity;
  const time = async (variant) => {
    await prepare();
    await stageAgain(session);
    await database.settle();
    const ms = await timeWithin(session, variant.sql, best * hopeless);
    best = Math.min(best, ms);
    return { ...variant, ms: Math.min(variant.ms ?? Infinity, ms) };
  };
  const once = [];
  for (const variant of await readVariants(full ? 'merge' : 'empty')) once.push(await time(variant));
  const [first, second, ...rest] = once.sort(byTime);
  const [winner, other] = [await time(first), await time(second)].sort(byTime);
  const analyzed = { name: `${winner.name}, analyzed`, sql: `ANALYZE bench.floor_stage; ${winner.sql}` };
  const ranked = [await time(analyzed), winner, other, ...rest].sort(byTime);
  await session.query('DROP TABLE bench.floor_stage, bench.floor_copy');
  return ranked.map((variant) => ({ ...variant, ms: Number.isFinite(variant.ms) ? variant.ms : null }));
}

/** The stage as it was after COPY: variants take rows out of it. */
async function stageAgain(session) {
  await session.query('DROP TABLE IF EXISTS bench.floor_stage');
  await session.query(
    'CREATE UNLOGGED TABLE bench.floor_stage WITH (autovacuum_enabled = false) AS SELECT * FROM bench.floor_copy',
  );
}

async function timeWithin(session, sql, limitMs) {
  const limit = Number.isFinite(limitMs) ? `SET LOCAL statement_timeout = ${Math.ceil(limitMs)};` : '';
  try {
    return (await timed(() => publish(session, `${limit}${sql}`))).ms;
  } catch (error) {
    await session.query('ROLLBACK');
    // query_canceled: by the time limit.
    if (error.code !== '57014') throw error;
    return Infinity;
  }
}

/** Times the ways by which a file's rows get into a stage, twice where it matters; the fastest first. */
export async function rankWays({ session }, file) {
  const ways = waysOf(file.path).map((way) => ({ ...way, ms: Infinity }));
  if (ways.length === 1) return ways;
  for (let round = 1; round <= 2; round++) {
    const best = Math.min(...ways.map(({ ms }) => ms));
    for (const way of ways) {
      if (round > 1 && way.ms > best * hopeless) continue;
      way.ms = Math.min(way.ms, (await timed(() => stage(session, file, way))).ms);
    }
  }
  await session.query('DROP TABLE bench.floor_stage');
  return ways.sort(byTime);
}

async function publish(session, sql) {
  await session.query(`BEGIN; ${sql}`);
  await session.query('COMMIT');
}
