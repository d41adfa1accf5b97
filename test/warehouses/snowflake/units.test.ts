import { snowflakeBackend } from '../../../activities/warehouses/snowflake';
import {
  GuardFailed,
  raw,
  sql,
  type SqlBackend,
  type Unit,
  type UnitStatement,
} from '../../../activities/warehouses/sql/port';
import type { Place } from '../support/place';
import { openSnowflakePlace, snowflakeAt } from '../support/snowflake-place';

let place: Place;
let backend: SqlBackend;
let lock: string;
let rows: string;
beforeEach(async () => {
  place = await openSnowflakePlace('units');
  backend = snowflakeBackend(snowflakeAt(place.env['PLACE_URL']!, place.env['PLACE_DATABASE']!));
  [lock, rows] = [place.relation('lock'), place.relation('rows')];
  await place.run(`CREATE TABLE ${lock} ("taken" NUMBER(38,0))`);
  await place.run(`INSERT INTO ${lock} SELECT 0`);
  await place.run(`CREATE TABLE ${rows} ("v" VARCHAR NOT NULL)`);
});
afterEach(async () => {
  await backend.close();
  await place.close();
});

const change = (name: string, text: string): UnitStatement => ({ name, kind: 'change', sql: sql`${raw(text)}` });
const put = (v = "'x'"): UnitStatement => change('put', `INSERT INTO ${rows} ("v") SELECT ${v}`);
const unit = (more: Partial<Unit> = {}): Unit => ({
  name: 'test',
  id: 'test',
  locks: [{ object: 'target t', sql: sql`UPDATE ${raw(lock)} SET "taken" = "taken" + 1` }],
  guards: [],
  statements: [put()],
  ...more,
});

/** The rows, and how often the lock was taken, as another session sees them. */
async function seen(): Promise<{ rows: number; taken: number }> {
  const [row] = await place.rows<{ n: unknown; taken: unknown }>(
    `SELECT (SELECT COUNT(*) FROM ${rows}) AS "n", (SELECT MAX("taken") FROM ${lock}) AS "taken"`,
  );
  return { rows: Number(row!.n), taken: Number(row!.taken) };
}

test('a unit does all of its statements and tells their numbers', async () => {
  const statements = [put(), { name: 'left', kind: 'number', sql: sql`SELECT COUNT(*) FROM ${raw(rows)}` } as const];
  expect(await backend.unit(unit({ statements }))).toEqual({ put: 1, left: 1 });
  expect(await seen()).toEqual({ rows: 1, taken: 1 });
});

test('a unit whose last statement fails leaves nothing, neither now nor with the next one of its session', async () => {
  const statements = [put(), change('broken', `INSERT INTO ${rows} ("v") SELECT NULL`)];
  await expect(backend.unit(unit({ statements }))).rejects.toMatchObject({ type: 'ConstraintViolated' });
  expect(await seen()).toEqual({ rows: 0, taken: 0 });
  expect(await backend.unit(unit())).toEqual({ put: 1 });
  expect(await seen()).toEqual({ rows: 1, taken: 1 });
});

test('a unit fails with the code of the guard that does not hold, and leaves nothing', async () => {
  for (const holds of [sql`SELECT FALSE`, sql`SELECT CAST(NULL AS BOOLEAN)`]) {
    const guards = [
      { code: 'Holds', holds: sql`SELECT TRUE` },
      { code: 'Fenced', holds },
    ];
    const failed = await backend.unit(unit({ guards })).catch((error: unknown) => error);
    expect(failed).toBeInstanceOf(GuardFailed);
    expect(failed).toMatchObject({ code: 'Fenced' });
  }
  expect(await seen()).toEqual({ rows: 0, taken: 0 });
});

test('a unit names the lock whose row, or whose table, is missing, and leaves nothing', async () => {
  for (const gone of [
    `UPDATE ${lock} SET "taken" = 9 WHERE FALSE`,
    `UPDATE ${place.relation('gone')} SET "taken" = 9`,
  ]) {
    const locks = [...unit().locks, { object: 'target gone', sql: sql`${raw(gone)}` }];
    await expect(backend.unit(unit({ locks }))).rejects.toMatchObject({
      type: 'LockRowMissing',
      details: [{ object: 'target gone' }],
    });
  }
  expect(await seen()).toEqual({ rows: 0, taken: 0 });
});

test('a unit whose transaction has ended before its commit is not taken for done', async () => {
  const statements = [put(), change('ended', 'ROLLBACK'), put("'alone'")];
  await expect(backend.unit(unit({ statements }))).rejects.toMatchObject({ type: 'SessionLost' });
});
