import { randomUUID } from 'node:crypto';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { Client as PgClient } from 'pg';
import { createDatabase, services } from '../../../services/services';
import { start, startOnTerminal, type Ended, type Program } from './program';

/** A user's project in a folder of its own, with a database, a task queue and the built command. */
export interface CliProject {
  readonly folder: string;
  readonly taskQueue: string;
  readonly env: NodeJS.ProcessEnv;
  readonly client: Client;
  readonly db: PgClient;
  /** Writes a file of the project. */
  file(path: string, content: string): Promise<void>;
  /** Runs the command to its end. */
  run(...args: string[]): Promise<Ended>;
  /** Runs the command to a good end, and reads the JSON that it prints. */
  json<T>(...args: string[]): Promise<T>;
  start(...args: string[]): Program;
  onTerminal(...args: string[]): Program;
  /** Starts `loadline worker` and waits until it polls. */
  worker(): Promise<Program>;
  close(): Promise<void>;
}

const repository = join(__dirname, '../../../..');

/** The arguments that ask for a merge of files into the project's orders. */
export const mergeOrders = (glob: string, ...more: string[]): string[] => [
  ...['--load', 'orders', '--mode', 'merge', '--from', `raw:${glob}`],
  ...more,
];

/** Makes the project. Every program it starts is ended by {@link CliProject.close}. */
export async function openProject(name: string): Promise<CliProject> {
  const folder = await mkdtemp(join(tmpdir(), `loadline-${name}-`));
  const { temporalAddress: address } = services();
  const [url, connection] = await Promise.all([createDatabase(name), Connection.connect({ address })]);
  const taskQueue = `${name}-${randomUUID()}`;
  const db = new PgClient({ connectionString: url });
  // The database is dropped under connections that a failed test left.
  db.on('error', () => undefined);
  await db.connect();
  const env = {
    PATH: process.env['PATH'],
    HOME: folder,
    DATABASE_URL: url,
    TEMPORAL_ADDRESS: address,
  };
  const programs: Program[] = [];
  const kept = (program: Program): Program => (programs.push(program), program);
  const project: CliProject = {
    folder,
    taskQueue,
    env,
    client: new Client({ connection }),
    db,
    async file(path, content) {
      await mkdir(dirname(join(folder, path)), { recursive: true });
      await writeFile(join(folder, path), content);
    },
    start: (...args) => kept(start(folder, env, args)),
    onTerminal: (...args) => kept(startOnTerminal(folder, env, args)),
    run: (...args) => project.start(...args).ended,
    async json<T>(...args: string[]) {
      const { code, out, err } = await project.run(...args, '--json');
      expect({ code, err }).toEqual({ code: 0, err: '' });
      return JSON.parse(out) as T;
    },
    async worker() {
      const worker = project.start('worker');
      await worker.until('polling');
      return worker;
    },
    async close() {
      for (const { child } of programs) child.kill('SIGKILL');
      await Promise.all([...programs.map(({ ended }) => ended), db.end(), connection.close()]);
      await rm(folder, { recursive: true, force: true });
    },
  };
  await mkdir(join(folder, 'node_modules'));
  await symlink(repository, join(folder, 'node_modules', 'loadline'));
  for (const [path, content] of Object.entries(files(taskQueue))) await project.file(path, content);
  return project;
}

const files = (taskQueue: string): Record<string, string> => ({
  'loadline.config.ts': `
    import { defineConfig, env, localFiles, postgres } from 'loadline';
    export default defineConfig({
      warehouses: { main: postgres({ url: env('DATABASE_URL') }) },
      stores: { raw: localFiles({ root: './data' }) },
      contracts: ['./contracts.yml'],
      worker: { taskQueue: '${taskQueue}', workflows: './workflows.ts' },
    });`,
  'contracts.yml': [
    'name: orders',
    'table: main/public.orders',
    'columns:',
    '  id: { type: text }',
    '  amount: { type: "decimal(12,2)", range: { min: 0 } }',
    'key: [id]',
    'create: if-missing',
    '',
  ].join('\n'),
  'workflows.ts': `
    import { day, files, load, type LoadReceipt } from 'loadline/workflows';
    export async function daily(input: { day: string }): Promise<LoadReceipt> {
      return load({ pipeline: 'daily', into: 'orders', mode: 'merge', from: files('raw', input.day + '/*.csv'), interval: day(input.day) });
    }`,
  'data/.keep': '',
});
