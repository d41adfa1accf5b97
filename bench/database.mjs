// The database as the benchmark sees it: equal tables for both sides, and a fingerprint of what they hold.
import pg from 'pg';
import { columns, definitions } from './day-sql.mjs';
import { logStatements, watchStatements } from './statements.mjs';

const cast = columns.map(([name, type]) => `${name}::${type} AS ${name}`).join(', ');

/** Connects, and makes the schema `bench` anew. */
export async function openDatabase(url, logFile) {
  const session = await connect(url);
  await dropAll(session);
  await session.query('CREATE SCHEMA bench');
  const log = await logStatements(session, logFile);
  return {
    url,
    session,
    /** A keyed table: empty, or filled with the rows of `bench.base`. */
    async makeTable(name, full) {
      await session.query(`DROP TABLE IF EXISTS bench.${name}`);
      await session.query(`CREATE TABLE bench.${name} (${definitions}) WITH (autovacuum_enabled = false)`);
      if (full) await session.query(`INSERT INTO bench.${name} SELECT * FROM bench.base`);
      await session.query(`ALTER TABLE bench.${name} ADD PRIMARY KEY (id)`);
      await session.query(`VACUUM (ANALYZE) bench.${name}`);
    },
    dropTable: (name) => session.query(`DROP TABLE IF EXISTS bench.${name}`),
    /** Writes out what came before, so that it does not slow down what comes next. */
    settle: () => session.query('CHECKPOINT'),
    /** Count and content of a table, whatever the order of its rows and, by a cast, the types of its columns. */
    async fingerprint(name, schema = 'bench') {
      const { rows } = await session.query(
        `SELECT count(*) || ' rows, content ' || coalesce(sum(hashtextextended(t::text, 0)::numeric), 0) AS f
         FROM (SELECT ${cast} FROM ${schema}.${name}) t`,
      );
      return rows[0].f;
    },
    statements: () => watchStatements(log),
    /** What was under way is ended first: this also follows Ctrl-C. */
    async close() {
      const last = await connect(url);
      try {
        await last.query('SELECT pg_terminate_backend($1)', [session.processID]);
        await session.end().catch(() => {});
        await last.query('ALTER ROLE CURRENT_USER RESET log_min_duration_statement').catch(() => {});
        await dropAll(last);
      } finally {
        await last.end();
      }
    },
  };
}

async function connect(url) {
  const session = new pg.Client({ connectionString: url });
  // A server that ends is told of by the query that fails.
  session.on('error', () => {});
  await session.connect();
  return session;
}

async function dropAll(session) {
  for (const schema of ['bench', 'bench_ledger', 'bench_stage', 'bench_peer', 'bench_peer_staging']) {
    await session.query(`DROP SCHEMA IF EXISTS ${schema} CASCADE`);
  }
}
