import { createServer, request, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What becomes of a request: it is passed on; cut off in its middle; or passed on with a byte that is wrong. */
export type Fate = 'pass' | 'cut' | 'damage';

/** A proxy in front of a store, which may do something before it passes a request on. */
export interface Proxy {
  readonly endpoint: string;
  /** Decides what becomes of the requests from now on. */
  fate: (method: string, url: string) => Fate | Promise<Fate>;
  close(): Promise<void>;
}

export async function openProxy(target: string): Promise<Proxy> {
  const { hostname, port } = new URL(target);
  const server = createServer((incoming, answer) => {
    void (async () => {
      const body = await bodyOf(incoming);
      const { method = '', url = '', headers } = incoming;
      const fate = await proxy.fate(method, url);
      if (fate === 'cut') return incoming.socket.destroy();
      if (fate === 'damage' && body.length) body[body.length >> 1]! ^= 1;
      const passed = request({ hostname, port, method, path: url, headers }, (response) => {
        answer.writeHead(response.statusCode ?? 502, response.rawHeaders);
        response.pipe(answer);
      });
      passed.on('error', () => incoming.socket.destroy());
      passed.end(body);
      return undefined;
    })();
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const proxy: Proxy = {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    fate: () => 'pass',
    close: () =>
      new Promise((done) => {
        server.closeAllConnections();
        server.close(() => done());
      }),
  };
  return proxy;
}

async function bodyOf(incoming: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks);
}
