import { readFile, stat } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { loadFailure } from '../../workflows/load-error';
import { lastLines } from './run-program';
import { supervise, type SuperviseOptions, type SupervisedProcess } from './supervised-process';

/** What to start, and how to tell that it has started. */
export interface ServerStart extends SuperviseOptions {
  /** As users know it. */
  readonly name: string;
  readonly timeoutMs: number;
  /** Whether the server answers; asked again and again until it does. */
  ready(server: SupervisedProcess): Promise<boolean>;
}

/** Starts a server and waits until it is ready. One that ends before, or takes too long, is a ToolUnavailable. */
export async function startServer(start: ServerStart): Promise<SupervisedProcess> {
  const logged = await sizeOf(start.logFile);
  const server = await supervise(start).catch((cause: unknown) => {
    throw notStarted(start, String(cause), '', cause);
  });
  try {
    await untilReady(start, server);
    return server;
  } catch (cause) {
    await server.stop();
    const log = (await readFile(start.logFile, 'utf8')).slice(logged);
    throw notStarted(start, cause instanceof Error ? cause.message : String(cause), log, cause);
  }
}

/**
 * Starts again when a port that was free a moment ago is taken by the time the server wants it. A port that the user
 * chose is not exchanged for another.
 */
export async function retryPortClash<T>(chosenByUser: boolean, start: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await start();
    } catch (error) {
      const clash = /address already in use|could not bind/i.test(String(error));
      if (chosenByUser || !clash || attempt === 3) throw error;
    }
  }
}

async function untilReady({ ready, timeoutMs }: ServerStart, server: SupervisedProcess): Promise<void> {
  const deadline = Date.now() + timeoutMs;
  while (!(await ready(server))) {
    if (server.hasExited()) throw new Error(`it ended with ${await server.exited}`);
    if (Date.now() > deadline) throw new Error(`it was not ready within ${timeoutMs / 1000} s`);
    await sleep(25);
  }
  // Something else may answer on the port while this server could not have it.
  if (server.hasExited()) throw new Error(`it ended with ${await server.exited}`);
}

function notStarted(start: ServerStart, reason: string, log: string, cause: unknown): Error {
  const said = lastLines(log, 4);
  return loadFailure('ToolUnavailable', {
    what: `${start.name} did not start: ${reason}.${said && ` It said: ${said}`}`,
    object: start.command,
    remedy: `Read ${start.logFile}.`,
    cause,
  });
}

async function sizeOf(file: string): Promise<number> {
  return (await stat(file).catch(() => undefined))?.size ?? 0;
}
