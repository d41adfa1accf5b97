import { execFile } from 'node:child_process';
import { close, constants, openSync } from 'node:fs';
import { Socket } from 'node:net';
import { promisify } from 'node:util';

/** The reading end of a FIFO, and a writing end that keeps it open. */
export interface Fifo {
  readonly reader: Socket;
  /** Lets the reader end once no other writer is left. */
  release(): void;
}

/**
 * Makes a FIFO and opens both ends without ever blocking: a plain open for reading would hold a thread of libuv's pool
 * until a writer came, and plain reads would hold one while there is nothing to read. Four such threads serve the
 * whole process, DuckDB's queries included, so that a few loads at once would stand still for ever. A socket waits in
 * the event loop instead. Resolves to `null` where there are no FIFOs.
 */
export async function openFifo(path: string): Promise<Fifo | null> {
  try {
    await promisify(execFile)('mkfifo', ['-m', '600', path]);
  } catch {
    return null;
  }
  // Opened for reading first: a FIFO refuses a writer that would not wait while it has no reader.
  const reader = new Socket({
    fd: openSync(path, constants.O_RDONLY | constants.O_NONBLOCK),
    readable: true,
    writable: false,
  });
  const writer = openSync(path, constants.O_WRONLY | constants.O_NONBLOCK);
  let open = true;
  const release = (): void => {
    if (open) close(writer, () => {});
    open = false;
  };
  return { reader, release };
}
