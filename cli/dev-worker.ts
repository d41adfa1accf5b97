/**
 * The process that `loadline dev` runs its worker in, so that changed code is read by a process that knows none of the
 * old. It is told what to do over its IPC channel, and ends when that is closed.
 *
 * @module
 */
import path from 'node:path';
import type { Worker } from '@temporalio/worker';
import { createWorker } from '../workers/create-worker';
import { installLogging } from '../workers/logging';
import { loadConfig, type ResolvedConfig } from '../workers/config';
import { devSecrets } from './dev-secrets';
import { errorFacts } from './print-error';
import { paint } from './terminal';
import type { FromWorker, PreparedWorker, ToWorker, WorkerTask } from './dev-messages';

/** Time for running steps to end once nobody is there to wait for them. */
const orphanedMs = 15_000;

let worker: Worker | undefined;

process.on('message', (message: ToWorker) => {
  if (message === 'run') void run();
  else if (message === 'stop') stop();
  else void prepare(message.prepare);
});
process.on('disconnect', () => {
  setTimeout(() => process.exit(1), orphanedMs).unref();
  stop();
});

async function prepare(task: WorkerTask): Promise<void> {
  try {
    installLogging({ level: task.verbose ? 'INFO' : 'WARN', write: tellLine });
    const config = await loadConfig({ path: task.config, ...(task.profile === null ? {} : { profile: task.profile }) });
    const secrets = devSecrets(config, { url: task.databaseUrl, embedded: task.embedded });
    for (const [name, url] of Object.entries(secrets)) process.env[name] ||= url;
    // Code that changes by the minute has no versions.
    ({ worker } = await createWorker(
      { ...config, deployment: null },
      { address: task.address, namespace: task.namespace },
    ));
    tell({ prepared: describe(config, secrets) });
  } catch (error) {
    tell({ failed: errorFacts(error) }, () => process.exit(1));
  }
}

async function run(): Promise<void> {
  try {
    const running = worker!.run();
    tell('running');
    await running;
    process.exit(0);
  } catch (error) {
    tell({ failed: errorFacts(error) }, () => process.exit(1));
  }
}

function stop(): void {
  if (worker?.getState() === 'RUNNING') worker.shutdown();
  // A worker that was never asked to run has nothing to bring to an end.
  else if (worker === undefined || worker.getState() === 'INITIALIZED') process.exit(0);
}

const tell = (message: FromWorker, then: () => void = () => undefined): void =>
  void (process.connected ? process.send!(message, undefined, undefined, then) : then());

function describe(config: ResolvedConfig, secrets: Readonly<Record<string, string>>): PreparedWorker {
  const modules = [config.workflowsPath, config.activitiesPath].flatMap((file) =>
    file === null ? [] : [path.dirname(file)],
  );
  const within = (folder: string): boolean => !path.relative(config.rootDir, folder).startsWith('..');
  return {
    secrets,
    roots: [config.rootDir, ...modules.filter((folder) => !within(folder))],
    // Data come and go; they are not what the worker is made of.
    ignored: [
      config.stateDir,
      ...[...config.stores.values()].flatMap((store) => (store.kind === 'local-files' ? [store.rootDir] : [])),
    ],
    servers: JSON.stringify([config.stateDir, config.temporal]),
  };
}

let toldOfOrder = false;

function tellLine(line: string): void {
  process.stderr.write(`${line}\n`);
  if (toldOfOrder || !/TMPRL1100|nondetermin/i.test(line)) return;
  toldOfOrder = true;
  process.stderr.write(
    `${paint.yellow('!')} A workflow that was running when its code changed does not fit the new code. Bring its old steps back, or end it ` +
      `with \`temporal workflow terminate\`: until then it is tried again and again. Loads that are published stay published.\n`,
  );
}
