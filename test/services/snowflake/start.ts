import { spawn } from 'node:child_process';
import { createWriteStream, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { freePort } from '../../../workers/embedded/free-port';
import { installedByRequirements, sharedModules } from '../installed';

/** A stand-in that runs. */
export interface Standin {
  readonly url: string;
  stop(): Promise<void>;
}

/** Starts the stand-in of Snowflake on a free port, and waits until it answers. */
export async function startSnowflake(more: readonly string[] = []): Promise<Standin> {
  const port = await freePort();
  const folder = mkdtempSync(join(tmpdir(), 'loadline-snowflake-'));
  const log = join(folder, 'standin.log');
  // Snowflake rolls a transaction back that has been idle for five minutes: tests of killed processes wait for it here.
  const child = spawn(
    await installedByRequirements('snowflake-standin', join(__dirname, 'requirements.txt')),
    [join(__dirname, 'standin.py'), '--port', String(port), '--idle-rollback', '8', ...more],
    {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, TMPDIR: folder, PYTHONPATH: sharedModules, PYTHONDONTWRITEBYTECODE: '1' },
    },
  );
  const file = createWriteStream(log);
  child.stdout.pipe(file);
  child.stderr.pipe(file, { end: false });
  let exited = false;
  const exit = new Promise<void>((resolve) => child.once('exit', () => ((exited = true), resolve())));
  const url = `http://127.0.0.1:${port}`;
  for (const until = Date.now() + 60_000; ; await wait(100)) {
    const answer = await fetch(`${url}/standin/health`).catch(() => null);
    if (answer?.ok) break;
    if (exited || Date.now() > until) {
      child.kill('SIGKILL');
      throw new Error(`The stand-in of Snowflake did not start: ${readFileSync(log, 'utf8').slice(-2_000)}`);
    }
  }
  return {
    url,
    async stop() {
      child.kill('SIGKILL');
      await exit;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
