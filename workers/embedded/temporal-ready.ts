import { connect } from 'node:net';
import { Connection } from '@temporalio/client';
import { loopback } from './free-port';

/** What must be usable before a server counts as started. */
export interface TemporalExpectation {
  readonly port: number;
  readonly namespace: string;
  readonly searchAttributes: Readonly<Record<string, unknown>>;
}

/** Whether the server answers, and knows the namespace and its search attributes. */
export async function isTemporalReady(expected: TemporalExpectation): Promise<boolean> {
  const { port, namespace, searchAttributes } = expected;
  // A gRPC channel that was refused waits a second before it tries again; a plain connection does not.
  if (!(await accepts(port))) return false;
  let connection: Connection | undefined;
  try {
    connection = await Connection.connect({ address: `${loopback}:${port}`, connectTimeout: 5_000 });
    const { customAttributes } = await connection.operatorService.listSearchAttributes({ namespace });
    return Object.keys(searchAttributes).every((name) => customAttributes?.[name] !== undefined);
  } catch {
    return false;
  } finally {
    await connection?.close();
  }
}

function accepts(port: number): Promise<boolean> {
  return new Promise((done) => {
    const socket = connect({ host: loopback, port });
    socket.once('connect', () => done(true)).once('error', () => done(false));
    socket.once('connect', () => socket.destroy());
  });
}
