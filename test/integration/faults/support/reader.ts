import { Client } from 'pg';
import type { Lab } from '../../support/lab';

/** Somebody who reads a table as fast as they can, on a session of their own. */
export interface Reader {
  /** Everything the table was seen to hold, each once, in the order in which it was first seen. */
  seen(): string[];
  /** Waits until the table was read again, from its beginning to its end. */
  again(): Promise<void>;
}

/** The rows of a table as `id:mark`, in order. */
const contentSql = (table: string): string =>
  `SELECT coalesce(string_agg(id || ':' || mark, ' ' ORDER BY id, mark), '') AS content FROM ${table}`;

/** What a table holds. */
export async function contentOf(lab: Lab, table: string): Promise<string> {
  return (await lab.rows<{ content: string }>(contentSql(table)))[0]!.content;
}

/** Does work while somebody reads a table. */
export async function whileReading<T>(
  lab: Lab,
  table: string,
  work: (reader: Reader) => Promise<T>,
): Promise<{ readonly result: T; readonly seen: readonly string[] }> {
  const client = new Client({ connectionString: lab.url, application_name: 'reader' });
  await client.connect();
  const seen = new Set<string>();
  let [reads, over] = [0, false];
  const reading = (async () => {
    while (!over) {
      const { rows } = await client.query<{ content: string }>(contentSql(table));
      seen.add(rows[0]!.content);
      reads++;
    }
  })();
  const again = async (): Promise<void> => {
    // The read that is under way may have begun before.
    for (const enough = reads + 2; reads < enough;) await Promise.race([pause(), reading]);
  };
  try {
    await again();
    const before = reads;
    const result = await work({ seen: () => [...seen], again });
    const during = reads - before;
    await again();
    if (during < 10) throw new Error(`the table was read ${during} times while it was loaded: nothing is shown`);
    return { result, seen: [...seen] };
  } finally {
    over = true;
    await reading.finally(() => client.end());
  }
}

const pause = (): Promise<void> => new Promise((done) => setImmediate(done));
