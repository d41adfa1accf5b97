// Workers as in production: each in a process of its own.
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { peakOf } from './memory.mjs';
import { onEnd } from './teardown.mjs';

const pathOf = (relative) => fileURLToPath(new URL(relative, import.meta.url));
export const configFile = pathOf('loadline.config.mjs');
const endMs = 5_000;

/** Starts `loadline worker`; resolves when it polls. */
export const startWorker = ({ address, namespace }) =>
  start([
    pathOf('../dist/cli/main.js'),
    'worker',
    ...['--config', configFile, '--address', address, '--namespace', namespace],
  ]);

/** Starts a worker of the bare SDK with the same activities; resolves when it polls. */
export const startBareWorker = ({ address, namespace }) => start([pathOf('bare/worker.mjs'), address, namespace]);

async function start(args) {
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'inherit', 'pipe'] });
  const exited = new Promise((resolve) => child.once('exit', resolve));
  const stop = onEnd(async () => {
    child.kill('SIGTERM');
    const forced = setTimeout(() => child.kill('SIGKILL'), endMs);
    await exited;
    clearTimeout(forced);
  });
  let told = '';
  await new Promise((resolve, reject) => {
    child.stderr.on('data', (chunk) => {
      told = (told + chunk).slice(-10_000);
      if (told.includes('polling')) resolve();
      else if (/\b(WARN|ERROR)\b/.test(String(chunk))) process.stderr.write(chunk);
    });
    void exited.then((code) => reject(new Error(`The worker ended with ${code}:\n${told}`)));
  });
  // The peak of its start, bundling included.
  return { pid: child.pid, startPeakBytes: peakOf(child.pid), stop };
}
