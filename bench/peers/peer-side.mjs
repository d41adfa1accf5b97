// A peer as one of the sides that take turns.
import { spawn } from 'node:child_process';
import { mkdir, rm } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { dirname, join } from 'node:path';
import { expectedContent } from '../content.mjs';
import { watchMemory } from '../memory.mjs';
import { timed } from '../stats.mjs';
import { onEnd } from '../teardown.mjs';

const root = fileURLToPath(new URL('../.data/peers/state/', import.meta.url));

/** Before a file for a full table the peer loads day 1 itself, untimed. */
export function peerSide(bench, peer, { day, full, rows, data }) {
  const { database, files } = bench;
  const folder = join(root, peer.name.split(' ')[0]);
  const format = data.path.split('.').at(-1);
  return {
    name: peer.name,
    peer,
    async prepare() {
      await database.session.query(
        'DROP SCHEMA IF EXISTS bench_peer CASCADE; DROP SCHEMA IF EXISTS bench_peer_staging CASCADE; CREATE SCHEMA bench_peer',
      );
      await rm(folder, { recursive: true, force: true });
      await mkdir(folder, { recursive: true });
      if (full) await runPeer(database, peer, (await files.get(`day1.${format}`, rows)).path, folder);
      await database.settle();
    },
    run: () => runPeer(database, peer, data.path, folder),
    async check(run) {
      run.content = run.error ? `failed: ${run.error}` : await contentOf(bench, { day, full, rows });
    },
  };
}

async function contentOf(bench, plan) {
  const expected = expectedContent(bench, plan);
  try {
    const got = await bench.database.fingerprint('events', 'bench_peer');
    if (got === expected) return 'exact';
    const { rows } = await bench.database.session.query(
      'SELECT count(*) AS n, count(DISTINCT id) AS keys FROM bench_peer.events',
    );
    const wanted = expected.split(' ')[0];
    return `WRONG: ${rows[0].n} rows of ${rows[0].keys} keys for ${wanted}`;
  } catch (error) {
    return `WRONG: ${error.message}`;
  }
}

/** One command; what it says last tells why it failed. */
async function runPeer({ url }, peer, path, folder) {
  const facts = { path, folder, url };
  let error = null;
  let peakBytes = 0;
  const { ms } = await timed(async () => {
    const child = spawn(peer.python, peer.command(facts), {
      cwd: dirname(folder),
      env: { ...process.env, ...peer.environment(facts) },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const ended = onEnd(() => void child.kill('SIGKILL'));
    let told = '';
    const hear = (chunk) => (told = (told + chunk).slice(-4000));
    child.stdout.on('data', hear);
    child.stderr.on('data', hear);
    const peak = watchMemory(child.pid);
    const code = await new Promise((resolve, reject) => child.once('error', reject).once('close', resolve));
    peakBytes = peak();
    await ended();
    if (code !== 0) error = `${code}, ${told.trim().split('\n').at(-1).slice(0, 200)}`;
  });
  return { ms, peakBytes, error };
}
