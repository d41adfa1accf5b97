import { createServer } from 'node:net';
import { loadFailure } from '../../workflows/load-error';

/** The only interface that embedded servers listen on. */
export const loopback = '127.0.0.1';

/** Asks the operating system for a port that is free at this moment. */
export async function freePort(): Promise<number> {
  const port = await tryListen(0);
  if (port === undefined) throw new Error(`No free port on ${loopback}.`);
  return port;
}

/** How a port is found. */
export interface PortChoice {
  /** Must be free. */
  readonly chosen?: number | undefined;
  /** Taken if it is free, when none was chosen. */
  readonly preferred?: number | undefined;
}

/** The port that the user chose, which must be free; else the preferred one if it is free; else any. */
export async function findPort({ chosen, preferred }: PortChoice, use: string): Promise<number> {
  const wanted = chosen ?? preferred;
  const found = wanted === undefined ? undefined : await tryListen(wanted);
  if (found !== undefined || chosen === undefined) return found ?? freePort();
  throw loadFailure('PortInUse', {
    what: `The port chosen for ${use} is in use.`,
    object: `${loopback}:${chosen}`,
    remedy: 'End the program that listens there, or choose another port.',
  });
}

function tryListen(port: number): Promise<number | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(undefined));
    server.listen({ host: loopback, port, exclusive: true }, () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' ? address?.port : undefined));
    });
  });
}
