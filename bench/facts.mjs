// The machine and the versions of what runs.
import { execFileSync } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { cpus, release, totalmem, type } from 'node:os';
import { fileURLToPath } from 'node:url';
import duckdb from '@duckdb/node-api';

const require = createRequire(import.meta.url);
const settings = ['shared_buffers', 'max_wal_size', 'work_mem', 'fsync', 'synchronous_commit'];

/** What a figure means little without. */
export async function readFacts({ session }, { temporal }) {
  const show = async (name) => (await session.query(`SHOW ${name}`)).rows[0][name];
  const shown = [];
  for (const name of settings) shown.push(`${name} ${await show(name)}`);
  const { version } = JSON.parse(await readFile(new URL('../package.json', import.meta.url), 'utf8'));
  return {
    at: new Date().toISOString(),
    machine: `${cpus().length} × ${cpus()[0]?.model.trim()}, ${Math.round(totalmem() / 2 ** 30)} GB`,
    os: `${type()} ${release()}`,
    node: process.version,
    loadline: `${version}${commit()}`,
    postgres: (await show('server_version')).split(' ')[0],
    settings: shown.join(', '),
    temporal: (await temporal.workflowService.getSystemInfo({})).serverVersion,
    sdk: require('@temporalio/worker/package.json').version,
    duckdb: duckdb.version(),
  };
}

function commit() {
  const git = (...args) =>
    execFileSync('git', args, {
      cwd: fileURLToPath(new URL('.', import.meta.url)),
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim();
  try {
    return ` at ${git('rev-parse', '--short', 'HEAD')}${git('status', '--porcelain', '--', ':/', ':!/bench') ? ' with changes' : ''}`;
  } catch {
    return '';
  }
}
