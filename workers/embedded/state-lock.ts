import { link, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { randomUUID } from 'node:crypto';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { loadFailure } from '../../workflows/load-error';
import { identifyProcess, isRunning, pidOf, signalProcess } from './process-identity';

/** Says that this process, and the server it started, own some files. */
export interface StateLock {
  /** The server that a killed owner left behind, and that has ended by now. */
  readonly ended?: number;
  /** Notes the server that works on the files, so that whoever finds it orphaned can end it. */
  record(serverPid: number): Promise<void>;
  release(): Promise<void>;
}

interface Holder {
  readonly owner: string;
  readonly server?: string;
}

/** How a server is asked to end, and how long it may take. */
export interface StopPolicy {
  readonly stopSignal: NodeJS.Signals;
  readonly graceMs: number;
}

/**
 * Takes the lock of the files at `path`. A live owner is refused; a server whose owner was killed is ended first, as
 * two servers on the same files would damage them.
 */
export async function lockState(path: string, policy: StopPolicy): Promise<StateLock> {
  const file = `${path}.lock`;
  const owner = await identifyProcess(process.pid);
  if (owner === undefined) throw new Error('This process cannot find itself in the list of processes.');
  await mkdir(dirname(file), { recursive: true });
  let ended: number | undefined;
  while (!(await create(file, { owner }))) {
    const holder = await read(file);
    if (holder && (await isRunning(holder.owner))) throw inUse(path, pidOf(holder.owner));
    if (holder?.server !== undefined) {
      await endOrphan(holder.server, policy);
      ended = pidOf(holder.server);
    }
    await rm(file, { force: true });
  }
  return {
    ...(ended === undefined ? {} : { ended }),
    record: async (serverPid) => {
      const server = await identifyProcess(serverPid);
      if (server !== undefined) await replace(file, { owner, server });
    },
    release: () => rm(file, { force: true }),
  };
}

// A link appears complete or not at all, and fails if the name is taken.
async function create(file: string, holder: Holder): Promise<boolean> {
  const draft = await writeDraft(file, holder);
  try {
    await link(draft, file);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    return false;
  } finally {
    await rm(draft, { force: true });
  }
}

async function replace(file: string, holder: Holder): Promise<void> {
  await rename(await writeDraft(file, holder), file);
}

async function writeDraft(file: string, holder: Holder): Promise<string> {
  const draft = `${file}.${randomUUID()}`;
  await writeFile(draft, JSON.stringify(holder), { mode: 0o600 });
  return draft;
}

async function read(file: string): Promise<Holder | undefined> {
  try {
    return JSON.parse(await readFile(file, 'utf8')) as Holder;
  } catch (error) {
    if (error instanceof SyntaxError || (error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

async function endOrphan(server: string, { stopSignal, graceMs }: StopPolicy): Promise<void> {
  // Its supervisor has most likely begun to end it; a second request does no harm.
  if (await isRunning(server)) signalProcess(pidOf(server), stopSignal);
  for (let waited = 0; await isRunning(server); waited += 50) {
    if (waited >= graceMs) signalProcess(pidOf(server), 'SIGKILL');
    await sleep(50);
  }
}

function inUse(path: string, pid: number): Error {
  return loadFailure('StateInUse', {
    what: 'Another program is running on this folder of state.',
    object: path,
    got: `process ${pid}`,
    remedy: 'Stop the other `loadline dev`, or give this one another state folder.',
  });
}
