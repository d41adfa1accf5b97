import { execFile, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { createWriteStream, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { promisify } from 'node:util';
import { freePort } from '../../../workers/embedded/free-port';
import { installOnce } from '../install-once';

const run = promisify(execFile);

/** A stand-in that runs. */
export interface Standin {
  readonly url: string;
  stop(): Promise<void>;
}

/** The Python of a virtual environment that has what the stand-in is made of, all of it pinned. */
async function python(): Promise<string> {
  const requirements = join(__dirname, 'requirements.txt');
  const hash = createHash('sha256').update(readFileSync(requirements)).digest('hex').slice(0, 8);
  return installOnce(`snowflake-standin-${hash}`, 'venv/bin/python', async (folder) => {
    // A virtual environment knows its place: it is made where it stays.
    await run('python3', ['-m', 'venv', join(folder, 'venv')]);
    const pip = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '-r', requirements];
    await run(join(folder, 'venv/bin/python'), pip, { timeout: 600_000 });
  });
}

/** Starts the stand-in of Snowflake on a free port, and waits until it answers. */
export async function startSnowflake(more: readonly string[] = []): Promise<Standin> {
  const port = await freePort();
  const folder = mkdtempSync(join(tmpdir(), 'loadline-snowflake-'));
  const log = join(folder, 'standin.log');
  const child = spawn(
    await python(),
    [join(__dirname, 'standin.py'), '--port', String(port), '--idle-rollback', '5', ...more],
    {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, TMPDIR: folder },
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
