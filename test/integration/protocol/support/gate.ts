import { AsyncLocalStorage } from 'node:async_hooks';
import { Client } from 'pg';

/** A point in the statements of one attempt: it waits there until it is let through. */
export interface Gate {
  /** Resolves when the attempt has arrived. */
  readonly reached: Promise<void>;
  open(): void;
}

interface Watch {
  readonly attempt: string;
  readonly tag: string;
  readonly moment: 'before' | 'after';
  hit(client: Client): Promise<void> | void;
}

/** The name of whatever runs in no attempt of its own, such as a worker in this process. */
export const anyone = '';

const attempts = new AsyncLocalStorage<string>();
const watches: Watch[] = [];
const gates: (() => void)[] = [];
let seen: { attempt: string; tag: string }[] = [];

/** Runs work as a named attempt: gates and failures are set by that name. */
export function as<T>(attempt: string, work: () => Promise<T>): Promise<T> {
  const running = attempts.run(attempt, work);
  // It is awaited later, when it has been let through.
  running.catch(() => undefined);
  return running;
}

/** Stops an attempt at its next statement of this tag. */
export function gate(attempt: string, moment: 'before' | 'after', tag: string): Gate {
  let [arrive, open] = [() => undefined as void, () => undefined as void];
  const reached = new Promise<void>((r) => (arrive = r));
  const opened = new Promise<void>((r) => (open = r));
  gates.push(() => open());
  watch({
    attempt,
    moment,
    tag,
    hit: () => {
      arrive();
      return opened;
    },
  });
  return { reached, open: () => open() };
}

/** Lets the answer to an attempt's next statement of this tag arrive, and be lost with the connection. */
export function loseAnswer(attempt: string, tag: string): void {
  const hit = (client: Client): void => {
    const { stream } = (client as unknown as { connection: { stream: import('node:net').Socket } }).connection;
    stream.removeAllListeners('data');
    stream.once('data', () => stream.destroy());
  };
  watch({ attempt, moment: 'before', tag, hit });
}

/** The tags of the statements that an attempt has sent. */
export function statementsOf(attempt: string): string[] {
  return seen.filter((s) => s.attempt === attempt).map((s) => s.tag);
}

/** Also lets through whoever still waits: a test that failed must not keep the next one from beginning. */
export function forgetAttempts(): void {
  for (const open of gates.splice(0)) open();
  watches.splice(0);
  seen = [];
}

function watch(found: Watch): void {
  watches.push(found);
}

function take(attempt: string, moment: Watch['moment'], tag: string): Watch | undefined {
  const index = watches.findIndex((w) => w.attempt === attempt && w.moment === moment && w.tag === tag);
  return index < 0 ? undefined : watches.splice(index, 1)[0];
}

type Query = (this: Client, ...args: unknown[]) => unknown;
const original = Client.prototype.query as unknown as Query;

(Client.prototype as unknown as { query: Query }).query = function (this: Client, ...args: unknown[]): unknown {
  const text = typeof args[0] === 'string' ? args[0] : undefined;
  const tag = text === undefined ? undefined : /^\/\* loadline:(\S+) \*\//.exec(text)?.[1];
  const attempt = attempts.getStore() ?? anyone;
  if (tag === undefined) return original.apply(this, args);
  if (attempt !== anyone) seen.push({ attempt, tag });
  return passing(this, args, attempt, tag);
};

async function passing(client: Client, args: unknown[], attempt: string, tag: string): Promise<unknown> {
  await take(attempt, 'before', tag)?.hit(client);
  const result = await original.apply(client, args);
  await take(attempt, 'after', tag)?.hit(client);
  return result;
}
