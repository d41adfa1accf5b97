// How long Loadline's statements take, by the log of a server that is on this machine.
import { open, stat } from 'node:fs/promises';

/** Statements of 10 ms and more go to the server's log, for sessions that begin after this; `null` where they cannot. */
export async function logStatements(session, logFile) {
  if (!logFile) return null;
  return session.query("ALTER ROLE CURRENT_USER SET log_min_duration_statement = '10ms'").then(
    () => logFile,
    () => null,
  );
}

/** The returned function tells the milliseconds since this call by the tag that each statement carries as a comment. */
export async function watchStatements(logFile) {
  if (!logFile) return async () => ({});
  const from = (await stat(logFile)).size;
  return async () => {
    const file = await open(logFile);
    const { size } = await file.stat();
    const { buffer } = await file.read(Buffer.alloc(size - from), 0, size - from, from);
    await file.close();
    const found = {};
    for (const [, ms, tag] of buffer.toString().matchAll(/duration: ([\d.]+) ms .*?\/\* loadline:([\w:-]+) \*\//g)) {
      found[tag] = (found[tag] ?? 0) + Number(ms);
    }
    return found;
  };
}
