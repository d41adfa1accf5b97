import type { StepContext } from '../warehouse';
import type { PostgresClient, Session } from './client';

/**
 * The context of a stage that also tells how many rows a COPY under way has taken. Only the server knows that, and
 * tells it to another session; where it does not, as before PostgreSQL 14, whole files are counted.
 */
export async function withCopiedRows(
  client: PostgresClient,
  tx: Session,
  stage: string,
  context: StepContext,
): Promise<StepContext> {
  // By its number: the others do not see a name that is not committed yet.
  const [relation] = await tx.rows<{ oid: number }>('stage:session', 'SELECT $1::regclass::oid AS oid', [stage]);
  let seen = { rows: 0, copying: 0 };
  let looking = false;
  const look = async (file: typeof seen): Promise<void> => {
    looking = true;
    const sql = 'SELECT sum(tuples_processed) AS rows FROM pg_stat_progress_copy WHERE relid = $1';
    const [copy] = await client
      .session((s) => s.rows<{ rows: string | null }>('stage:progress', sql, [relation?.oid]))
      // Progress is for the eye: it must not fail a load.
      .catch(() => []);
    if (copy?.rows) file.copying = Math.max(file.copying, Number(copy.rows));
    looking = false;
  };
  return {
    ...context,
    progress(done) {
      const { rows = 0 } = done;
      if (rows !== seen.rows) seen = { rows, copying: 0 };
      context.progress({ ...done, rows: rows + seen.copying });
      if (!looking) void look(seen);
    },
  };
}
