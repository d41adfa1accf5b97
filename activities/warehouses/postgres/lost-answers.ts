import type { Socket } from 'node:net';
import { Client, type PoolClient } from 'pg';
import { classifyPostgresError } from './errors';

/** Ends a session whose answers no longer arrive. */
export interface AnswerWatch {
  /** The server's process, once it is known. */
  pid?: number | undefined;
  stop(): void;
}

/** What is known of the other end: it works; it waits for us, or is gone; nothing. */
type OtherEnd = 'works' | 'lost' | 'unknown';

/** How often nothing may move while both ends wait for each other. */
const patience = 2;

/**
 * A network that swallows packets ends no connection: both ends would wait for each other for hours, as TCP's own
 * keepalive sets out after two, and a proxy answers it. So whenever nothing has moved for a while, the server is asked
 * over another connection what it is doing. One that works, or waits for a lock, may take as long as it likes.
 */
export function watchAnswers(client: PoolClient, url: string, everyMs: number): AnswerWatch {
  const { stream } = (client as unknown as { connection: { stream: Socket } }).connection;
  let moved = -1;
  let silences = 0;
  let looking = false;
  const watch: AnswerWatch = { stop: () => clearInterval(timer) };
  const look = async (): Promise<void> => {
    const now = bytesMoved(stream);
    const silent = now === moved && awaitsAnswer(client, stream);
    moved = now;
    if (!silent) silences = 0;
    if (!silent || looking) return;
    looking = true;
    const found = await otherEnd(url, watch.pid, everyMs);
    looking = false;
    if (found === 'unknown') return;
    silences = found === 'works' || bytesMoved(stream) !== now ? 0 : silences + 1;
    if (silences >= patience) stream.destroy();
  };
  const timer = setInterval(() => void look(), everyMs);
  timer.unref();
  return watch;
}

const bytesMoved = (stream: Socket): number => stream.bytesRead + stream.bytesWritten - stream.writableLength;

/** Whether this end has said all that it has to say. A COPY goes on speaking until its text has ended. */
function awaitsAnswer(client: PoolClient, stream: Socket): boolean {
  type Running = { readonly writableEnded?: boolean } | null;
  const running = (client as unknown as { _getActiveQuery(): Running })._getActiveQuery();
  return stream.writableLength > 0 || (running !== null && running.writableEnded !== false);
}

/** Over a connection of its own, which needs no place in the pool. */
async function otherEnd(url: string, pid: number | undefined, timeoutMs: number): Promise<OtherEnd> {
  const client = new Client({
    connectionString: url,
    application_name: 'loadline',
    connectionTimeoutMillis: timeoutMs,
    query_timeout: timeoutMs,
  });
  client.on('error', () => undefined);
  try {
    await client.connect();
    // A session that says nothing before it has begun a transaction has been lost.
    if (pid === undefined) return 'lost';
    const { rows } = await client.query<{ waits: boolean }>(
      `/* loadline:session:other-end */ SELECT coalesce(wait_event = 'ClientRead', false) AS waits FROM pg_stat_activity WHERE pid = $1`,
      [pid],
    );
    return rows[0]?.waits === false ? 'works' : 'lost';
  } catch (error) {
    // A server that has no room for another connection says nothing of those it has.
    return classifyPostgresError(error) === 'WarehouseUnreachable' ? 'lost' : 'unknown';
  } finally {
    // It must not be waited for.
    void client.end().catch(() => undefined);
  }
}
