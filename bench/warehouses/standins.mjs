// The stand-ins that the tests run on, and the floor on each: a bulk load of the file as it is, and one merge.
import { createJiti } from 'jiti';
import { onEnd } from '../teardown.mjs';
import { timed } from '../stats.mjs';

const places = { snowflake: './snowflake.mjs', bigquery: './bigquery.mjs' };
export const jiti = createJiti(import.meta.url);

/** Starts the stand-ins that cases need, and says by variables where they are, for the configuration. */
export async function openStandins(kinds, say) {
  const opened = new Map();
  for (const kind of kinds) {
    say(`  starting the stand-in of ${kind}`);
    const { openPlace } = await import(places[kind]);
    const place = await openPlace();
    onEnd(() => place.close());
    opened.set(kind, place);
  }
  return opened;
}

/** Runs steps one after the other; resolves to how long each took, and all of them. */
export async function steps(named) {
  const parts = {};
  const { ms } = await timed(async () => {
    for (const [name, work] of Object.entries(named)) parts[name] = (await timed(work)).ms;
  });
  return { ms, parts };
}

/** The merge that keeps one row per key, the newest. */
export function mergeSql(target, stage, columns, quote) {
  const names = columns.map(quote);
  const newest = `SELECT * FROM ${stage} QUALIFY ROW_NUMBER() OVER (PARTITION BY ${quote('id')} ORDER BY ${quote('updated_at')} DESC) = 1`;
  const set = names.slice(1).map((name) => `${name} = s.${name}`);
  return `MERGE INTO ${target} t USING (${newest}) s ON t.${names[0]} = s.${names[0]}
    WHEN MATCHED THEN UPDATE SET ${set.join(', ')}
    WHEN NOT MATCHED THEN INSERT (${names.join(', ')}) VALUES (${names.map((name) => `s.${name}`).join(', ')})`;
}

/** One row that tells a table's content: counts, sums and ends. */
export const fingerprintSql = (table, quote, text) =>
  `SELECT ${[
    'COUNT(*)',
    `COUNT(DISTINCT ${quote('id')})`,
    `ROUND(SUM(${quote('amount')}))`,
    `SUM(${quote('customer_id')})`,
    `COUNT(${quote('status')})`,
    `SUM(LENGTH(${quote('note')}))`,
    `SUM(CASE WHEN ${quote('active')} THEN 1 ELSE 0 END)`,
  ]
    .map((value, i) => `CAST(${value} AS ${text}) AS ${quote(`c${i}`)}`)
    .join(', ')} FROM ${table}`;

export const fingerprintOf = (row) =>
  Object.values(row)
    .map((value) =>
      String(value)
        .replace(/(\.\d*?)0+$/, '$1')
        .replace(/\.$/, ''),
    )
    .join(' ');
