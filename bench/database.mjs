// The database as the benchmark sees it: equal tables for both sides, and a fingerprint of what they hold.
import { open, stat } from 'node:fs/promises';
import pg from 'pg';
import { columns } from './data.mjs';

const definitions = columns.map(([name, type]) => `${name} ${type}`).join(', ');

/** Connects, and makes the schema `bench` anew. */
export async function openDatabase(url, logFile) {
  const session = new pg.Client({ connectionString: url });
  await session.connect();
  await dropAll(session);
  await session.query('CREATE SCHEMA bench');
  const log = logFile && (await canLog(session)) ? logFile : null;
  return {
    session,
    /** A keyed table: empty, or filled with the rows of `bench.base`. */
    async makeTable(name, full) {
      await session.query(`DROP TABLE IF EXISTS bench.${name}`);
      await session.query(`CREATE TABLE bench.${name} (${definitions}) WITH (autovacuum_enabled = false)`);
      if (full) await session.query(`INSERT INTO bench.${name} SELECT * FROM bench.base`);
      await session.query(`ALTER TABLE bench.${name} ADD PRIMARY KEY (id)`);
      await session.query(`VACUUM (ANALYZE) bench.${name}`);
    },
    /** Writes out what came before, so that it does not slow down what comes next. */
    settle: () => session.query('CHECKPOINT'),
    /** Count and content of a table, whatever the order of its rows. */
    async fingerprint(name) {
      const { rows } = await session.query(
        `SELECT count(*) || ' rows, content ' || coalesce(sum(hashtextextended(t::text, 0)::numeric), 0) AS f FROM bench.${name} t`,
      );
      return rows[0].f;
    },
    statements: () => watchStatements(log),
    async close() {
      await session.query('ALTER ROLE CURRENT_USER RESET log_min_duration_statement').catch(() => {});
      await dropAll(session);
      await session.end();
    },
  };
}

async function dropAll(session) {
  for (const schema of ['bench', 'bench_ledger', 'bench_stage']) {
    await session.query(`DROP SCHEMA IF EXISTS ${schema} CASCADE`);
  }
}

/** Statements of 10 ms and more go to the server's log, for sessions that begin after this. */
async function canLog(session) {
  return session.query("ALTER ROLE CURRENT_USER SET log_min_duration_statement = '10ms'").then(
    () => true,
    () => false,
  );
}

/** Collects how long Loadline's statements took, by the tag that each carries as a comment. */
async function watchStatements(logFile) {
  if (!logFile) return async () => ({});
  const from = (await stat(logFile)).size;
  return async () => {
    const file = await open(logFile);
    const { size } = await file.stat();
    const { buffer } = await file.read(Buffer.alloc(size - from), 0, size - from, from);
    await file.close();
    const found = {};
    for (const [, ms, tag] of buffer.toString().matchAll(/duration: ([\d.]+) ms .*?\/\* loadline:([\w:-]+) \*\//g)) {
      found[tag] = (found[tag] ?? 0) + Number(ms);
    }
    return found;
  };
}
