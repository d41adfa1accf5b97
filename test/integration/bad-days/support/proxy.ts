import { connect, createServer, type Socket } from 'node:net';
import { once } from 'node:events';

/** A network between a worker and its database, which can fail. */
export interface Network {
  /** The database's URL through this network. */
  readonly url: string;
  /** Bytes that have come from the worker. */
  sent(): number;
  /** Ends every connection at once. New ones are taken. */
  cut(): void;
  /** Swallows whatever is said on the connections there are, and ends none of them: a black hole. */
  swallow(): void;
  /** As {@link swallow}, for new connections too. */
  swallowAll(): void;
  /** Lets new connections through again. What was swallowed is lost. */
  heal(): void;
  close(): Promise<void>;
}

export async function networkTo(databaseUrl: string): Promise<Network> {
  const target = new URL(databaseUrl);
  let open: { near: Socket; far: Socket; dead: boolean }[] = [];
  let dead = false;
  let sent = 0;
  const server = createServer((near) => {
    const far = connect(Number(target.port), target.hostname);
    const link = { near, far, dead };
    open.push(link);
    const pass = (from: Socket, to: Socket) => {
      from.on('data', (chunk: Buffer) => {
        if (from === near) sent += chunk.length;
        if (!link.dead) to.write(chunk);
      });
      from.on('error', () => undefined);
      from.on('close', () => void (link.dead || to.destroy()));
    };
    pass(near, far);
    pass(far, near);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = new URL(databaseUrl);
  url.hostname = '127.0.0.1';
  url.port = String((server.address() as { port: number }).port);
  const cut = (): void => {
    for (const { near, far } of open.splice(0)) {
      near.destroy();
      far.destroy();
    }
  };
  const swallow = (): void => {
    for (const link of open) link.dead = true;
  };
  return {
    url: url.href,
    sent: () => sent,
    cut,
    swallow,
    swallowAll() {
      dead = true;
      swallow();
    },
    heal: () => void (dead = false),
    async close() {
      cut();
      open = [];
      await new Promise((done) => server.close(done));
    },
  };
}
