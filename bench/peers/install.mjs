// A Python environment for each peer, made once below `.data/peers`.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir, readFile, rm, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { peers } from './peers.mjs';
import { onEnd } from '../teardown.mjs';

const root = fileURLToPath(new URL('../.data/peers/', import.meta.url));

/** Resolves to the peers that can run here, each with its Python. One that cannot is told and left out. */
export async function installPeers(say) {
  const installed = [];
  for (const peer of peers) {
    try {
      const python = join(await environmentOf(peer, say), 'bin/python');
      await run(python, peer.probe);
      installed.push({ ...peer, python });
    } catch (error) {
      say(`${peer.name} is left out: ${error.message}`);
    }
  }
  return installed;
}

async function environmentOf({ name, requirements }, say) {
  const hash = createHash('sha256')
    .update(await readFile(requirements))
    .digest('hex')
    .slice(0, 12);
  const folder = join(root, `${basename(requirements, '-requirements.txt')}-${hash}`);
  if (await isDone(folder)) return folder;
  say(`${name}: making a Python environment in ${folder}`);
  await mkdir(root, { recursive: true });
  await rm(folder, { recursive: true, force: true });
  // Programs of an environment name their own path, so that it is made in its place; the mark is written last.
  await run('python3', ['-m', 'venv', folder]);
  await run(join(folder, 'bin/python'), ['-m', 'pip', 'install', '--quiet', '--requirement', requirements]);
  await mkdir(join(folder, '.done'));
  return folder;
}

const isDone = (folder) =>
  stat(join(folder, '.done')).then(
    () => true,
    () => false,
  );

function run(command, args) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: ['ignore', 'ignore', 'pipe'] });
    const forget = onEnd(() => void child.kill('SIGKILL'));
    let told = '';
    child.stderr.on('data', (chunk) => (told = (told + chunk).slice(-4000)));
    child.once('error', (error) => reject(new Error(`${command} cannot be run: ${error.code}`)));
    child.once('close', async (code) => {
      await forget();
      const last = told.trim().split('\n').at(-1);
      if (code === 0) resolve();
      else reject(new Error(`${basename(command)} ${args.slice(0, 3).join(' ')} ended with ${code}: ${last}`));
    });
  });
}
