import { spawn, spawnSync } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';

const names = ['chromium', 'chromium-browser', 'google-chrome'];

/** The command of the Chromium that is installed, if one is. */
export const findChromium = (): string | undefined =>
  names.find((name) => spawnSync(name, ['--version'], { stdio: 'ignore' }).status === 0);

/** What a browser has made of a page. */
export interface Shown {
  /** What the page and the browser have complained of. */
  readonly complaints: readonly string[];
  /** Everything that was asked for, the page first. */
  readonly requests: readonly string[];
  /** The value of an expression, as JSON. */
  evaluate<T>(expression: string): Promise<T>;
}

/** A browser without a screen. */
export interface Browser {
  /** Opens a page in a window of its own, which is closed once `look` is done. */
  show<T>(url: string, view: View, look: (shown: Shown) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

/** How a page is looked at. */
export interface View {
  readonly width: number;
  readonly scheme: 'light' | 'dark';
}

interface Message {
  readonly id?: number;
  readonly method?: string;
  readonly params?: Record<string, unknown>;
  readonly result?: unknown;
  readonly error?: { readonly message: string };
  readonly sessionId?: string;
}

/** Starts a browser, which is spoken to through its pipe in the protocol of its developer tools. */
export function openBrowser(command: string): Browser {
  const root = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
  const flags = [
    '--headless',
    '--hide-scrollbars',
    '--disable-gpu',
    '--disable-dev-shm-usage',
    '--remote-debugging-pipe',
    ...root,
  ];
  const child = spawn(command, flags, { stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'] });
  const exited = new Promise<void>((done) => child.once('exit', () => done()));
  const [into, from] = [child.stdio[3] as Writable, child.stdio[4] as Readable];
  const answers = new Map<number, (message: Message) => void>();
  const listeners = new Set<(message: Message) => void>();
  let [last, rest] = [0, ''];
  from.setEncoding('utf8').on('data', (text: string) => {
    const messages = (rest + text).split('\0');
    rest = messages.pop()!;
    for (const message of messages.map((one) => JSON.parse(one) as Message)) {
      if (message.id === undefined) listeners.forEach((listen) => listen(message));
      else answers.get(message.id)?.(message);
    }
  });
  const send = <T>(method: string, params: object = {}, sessionId?: string): Promise<T> =>
    new Promise((resolve, reject) => {
      const id = ++last;
      answers.set(id, ({ result, error }) => (error ? reject(new Error(`${method}: ${error.message}`)) : resolve(result as T))); // prettier-ignore
      into.write(`${JSON.stringify({ id, method, params, sessionId })}\0`);
    });
  return {
    async show(url, { width, scheme }, look) {
      const { targetId } = await send<{ targetId: string }>('Target.createTarget', { url: 'about:blank' });
      const { sessionId } = await send<{ sessionId: string }>('Target.attachToTarget', { targetId, flatten: true });
      const [complaints, requests]: string[][] = [[], []];
      let loaded = (): void => undefined;
      const whole = new Promise<void>((done) => (loaded = done));
      const listen = ({ sessionId: of, method, params }: Message): void => {
        if (of !== sessionId) return;
        if (method === 'Page.loadEventFired') loaded();
        if (method === 'Network.requestWillBeSent')
          requests!.push((params as { request: { url: string } }).request.url);
        if (/^(Log\.entryAdded|Runtime\.(consoleAPICalled|exceptionThrown))$/.test(method ?? ''))
          complaints!.push(JSON.stringify(params));
      };
      listeners.add(listen);
      const ask = <T>(method: string, params: object = {}): Promise<T> => send<T>(method, params, sessionId);
      for (const domain of ['Page', 'Log', 'Runtime', 'Network']) await ask(`${domain}.enable`);
      await ask('Emulation.setDeviceMetricsOverride', {
        width,
        height: 800,
        deviceScaleFactor: 1,
        mobile: width < 500,
      });
      await ask('Emulation.setEmulatedMedia', { features: [{ name: 'prefers-color-scheme', value: scheme }] });
      await ask('Page.navigate', { url });
      await whole;
      const evaluate = async <V>(expression: string): Promise<V> => {
        const told = await ask<{ result: { value: V }; exceptionDetails?: object }>('Runtime.evaluate', { expression, returnByValue: true }); // prettier-ignore
        if (told.exceptionDetails) throw new Error(JSON.stringify(told.exceptionDetails));
        return told.result.value;
      };
      try {
        return await look({ complaints: complaints!, requests: requests!, evaluate });
      } finally {
        listeners.delete(listen);
        await send('Target.closeTarget', { targetId });
      }
    },
    async close() {
      await Promise.race([exited, send('Browser.close')]);
      await exited;
    },
  };
}
