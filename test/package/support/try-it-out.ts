import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { findTemporalCli } from '../../../workers/embedded/temporal-cli';
import { commandsIn, type Block } from './readme';
import { shell, strangersEnv } from './run';

/** Does what the README says after the test: two terminals, and the Temporal CLI. Then a file that nobody knows. */
export async function tryItOut(project: string, readme: readonly Block[]): Promise<void> {
  const commands = commandsIn(readme);
  const PATH = await withTemporal(project);
  const dev = await startDev(
    project,
    commands.find((c) => c.endsWith('loadline dev')),
  );
  try {
    const ordersDaily = commands.find((c) => c.includes('loadline run ordersDaily')) ?? '';
    expect(await shell(ordersDaily, project)).toMatch(/^✓ loaded {2}orders-daily → /);
    expect(await shell(ordersDaily, project)).toMatch(/^✓ already loaded/);
    const both = readme.find(({ text }) => text.includes('temporal workflow start'))?.text ?? '';
    // Other starts than the first one's, of one load key: the second finds it loaded.
    const shown = await shell(both, project, { PATH, TEMPORAL_ADDRESS: dev.address });
    expect(shown).toMatch(/✓ loaded {2}orders → /);
    expect(shown).toContain('"outcome":"already-loaded"');
    await loadUnknown(project, PATH, dev.address);
  } finally {
    await dev.stop();
  }
  expect(await processesIn(project)).toEqual([]);
  // PostgreSQL removes it when it has been shut down in order.
  expect(existsSync(join(project, '.loadline/postgres/postmaster.pid'))).toBe(false);
}

async function loadUnknown(project: string, PATH: string, address: string): Promise<void> {
  const rows = Array.from(
    { length: 50 },
    () => `Z${Math.random().toString(36).slice(2)},${(Math.random() * 100).toFixed(2)},24.12.2026,`,
  );
  await mkdir(join(project, 'data/odd'));
  await writeFile(join(project, 'data/odd/never seen.csv'), ['Order ID,amount,Date,Updated At', ...rows].join('\r\n'));
  const input = {
    pipeline: 'odd',
    into: 'orders',
    mode: 'insert-only',
    from: { kind: 'files', store: 'raw', glob: 'odd/*.csv' },
  };
  const out = await shell(
    `temporal workflow start --type loadTable --task-queue loadline --workflow-id odd --input '${JSON.stringify(input)}'
     temporal workflow result --workflow-id odd`,
    project,
    { PATH, TEMPORAL_ADDRESS: address },
  );
  expect(out).toContain('"outcome":"loaded"');
  expect(out).toContain('"inserted":50');
}

/** PATH with the Temporal CLI that Loadline finds. */
async function withTemporal(project: string): Promise<string> {
  const bin = join(project, 'bin');
  await mkdir(bin);
  await symlink((await findTemporalCli()).path, join(bin, 'temporal'));
  return `${bin}${delimiter}${process.env['PATH']}`;
}

export interface Dev {
  readonly address: string;
  /** As Ctrl-C does: every process of the terminal is told. */
  stop(): Promise<void>;
}

export async function startDev(project: string, command = 'no command in the README'): Promise<Dev> {
  const child = spawn('sh', ['-ec', `exec ${command}`], {
    cwd: project,
    env: strangersEnv(),
    detached: true,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  // Not before everybody who writes to it has ended: npx itself may be gone earlier.
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  let err = '';
  const address = await new Promise<string>((resolve, reject) => {
    child.stderr.on('data', (data) => {
      err += String(data);
      const found = /Loadline is up[\s\S]*Temporal +(\S+), namespace/.exec(err)?.[1];
      if (found) resolve(found);
    });
    void ended.then(() => reject(new Error(`loadline dev has ended:\n${err}`)));
  });
  return {
    address,
    async stop() {
      process.kill(-child.pid!, 'SIGINT');
      await ended;
      expect(err).toMatch(/Stopping; once more to stop at once\.\s*$/);
    },
  };
}

/** The command lines of processes that run on files of a folder. */
export async function processesIn(folder: string): Promise<string[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const lines = await Promise.all(pids.map((pid) => readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')));
  return lines.filter((line) => line.includes(folder)).map((line) => line.replaceAll('\0', ' '));
}
