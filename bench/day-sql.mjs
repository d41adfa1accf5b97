// What the rows are.

/** The table, as the floor and Loadline both fill it. */
export const columns = [
  ['id', 'uuid'],
  ['created_at', 'timestamptz'],
  ['updated_at', 'timestamptz'],
  ['customer_id', 'integer'],
  ['amount', 'numeric(12,2)'],
  ['status', 'text'],
  ['country', 'text'],
  ['note', 'text'],
  ['payload', 'jsonb'],
  ['active', 'boolean'],
];

/** For DDL. */
export const definitions = columns.map(([name, type]) => `${name} ${type}`).join(', ');

/**
 * DuckDB's queries for the rows of a day: `day1` has `rows` keys; of `day2` 20 % are keys of day 1 with changed values,
 * 1 % repeat another row of the file with an older time, the rest is new.
 */
export const daySql = {
  day1: (rows, first = 0) => `SELECT ${values} FROM (SELECT i, 1 AS v FROM range(${first}, ${first + rows}) r(i))`,
  day2: (rows) => {
    const [known, twice] = [rows / 5, rows / 100];
    const last = 2 * rows - known - twice;
    return `SELECT ${values} FROM (
        SELECT i, 3 AS v FROM range(${rows - known}, ${last}) r(i)
        UNION ALL SELECT i, 2 AS v FROM range(${rows}, ${rows + twice}) r(i)
      ) ORDER BY md5(concat(i, '/', v))`;
  },
};

/** By the number of the key and the version of its row. Keys are in random order, as uuids are. */
const values = `
  md5(concat('key ', i))::UUID AS id,
  TIMESTAMPTZ '2026-01-01 00:00:00+00' + to_microseconds(i * 1000003) AS created_at,
  TIMESTAMPTZ '2026-02-01 00:00:00+00' + to_microseconds((i * 7919) % 1000000 * 1000) + to_days(v::INTEGER) AS updated_at,
  (i * 7919 % 100000)::INTEGER AS customer_id,
  (((i * 37 + v * 11) % 100000000) / 100.0)::DECIMAL(12, 2) AS amount,
  CASE WHEN i % 20 <> 0 THEN ['new', 'paid', 'sent', 'done', 'void'][(1 + (i + v) % 5)::INTEGER] END AS status,
  CASE WHEN i % 10 <> 3 THEN concat('Country ', i % 190) END AS country,
  concat('Order ', i, ', version ', v, ': "fragile", handle with care; Grüße aus Köln, 東京 ☃', CASE WHEN i % 50 = 0 THEN chr(10) ELSE ' ' END, repeat('and so on, ', (i % 7)::INTEGER)) AS note,
  concat('{"n":', i, ',"tags":["x","y"],"at":{"v":', v, ',"said":"\\"ü\\""}}')::JSON AS payload,
  i % 3 = 0 AS active`;
