import { readWarehouseSecrets, type ResolvedConfig } from '../workers/config';
import { startStack, type Stack } from '../workers/embedded/stack';
import { loadFailure } from '../workflows/load-error';
import { shareDevEnvironment } from './dev-environment';
import { devScreen, embeddedSecrets } from './dev-screen';
import { takeState } from './dev-state';
import { exitCodes, type ExitCode } from './exit-code';
import { startHotWorker, type HotWorker } from './hot-restart';
import { stopSignal, type StopSignal } from './stop-signal';
import { paint } from './terminal';
import { watchProject } from './watch-project';
import { startWorkerProcess } from './worker-process';
import type { CliContext } from './cli-context';
import type { PreparedWorker } from './dev-messages';

/** Runs the servers and a worker until asked to stop; then stops the worker first, so that it can still report. */
export async function dev(context: CliContext): Promise<ExitCode> {
  // Without what the configuration's `.env` adds: a worker reads that file itself, whenever it starts.
  const env = { ...process.env };
  const config = await context.config();
  await takeState(config);
  const stop = stopSignal(context.terminal.note);
  try {
    context.terminal.note(paint.dim('Starting …'));
    const stack = await startServers(config, context);
    try {
      if (!stop.isAsked()) await develop({ config, stack, stop, env, context });
    } finally {
      await stack.stop();
    }
    return exitCodes.ok;
  } finally {
    stop.forget();
  }
}

async function startServers(config: ResolvedConfig, { globals, terminal }: CliContext): Promise<Stack> {
  const { address, profile, namespace } = config.temporal;
  const temporalAddress = globals.address ?? address;
  const inNamespace = globals.namespace ?? namespace;
  const databaseUrl = configuredDatabase(config);
  return startStack({
    stateDir: config.stateDir,
    onProgress: (line) => terminal.note(paint.dim(line)),
    ...(temporalAddress === null ? {} : { temporalAddress }),
    ...(profile === null ? {} : { temporalProfile: profile }),
    ...(inNamespace === null ? {} : { namespace: inNamespace }),
    ...(databaseUrl === undefined ? {} : { databaseUrl }),
  });
}

/** The database of the first warehouse, unless its secret is still to be set to the embedded one. */
function configuredDatabase(config: ResolvedConfig): string | undefined {
  const first = [...config.warehouses.values()].find((w) => w.kind === 'postgres');
  if (first === undefined || embeddedSecrets(config).length > 0) return undefined;
  return readWarehouseSecrets(first).url;
}

interface Development {
  readonly config: ResolvedConfig;
  readonly stack: Stack;
  readonly stop: StopSignal;
  readonly env: NodeJS.ProcessEnv;
  readonly context: CliContext;
}

async function develop(development: Development): Promise<void> {
  const { config, stack, stop, context } = development;
  const { note } = context.terminal;
  const sharing = shareWith(development);
  let worker: HotWorker | undefined;
  let watched: ReturnType<typeof watchProject> | undefined;
  try {
    let paths: PreparedWorker | undefined;
    worker = await startHotWorker(
      { start: starter(development), note, replaced: (now) => ((paths = now), sharing.update(now)) },
      stop.isAsked,
    );
    if (!paths) return;
    watched = watchProject(paths, worker.restart.bind(worker), (why) =>
      note(`${paint.yellow('!')} Changes may go unseen: ${why}`),
    );
    await Promise.all([watched.ready, sharing.settled()]);
    note(devScreen(config, stack));
    await Promise.race([stop.asked, serverEnded(stack)]);
  } finally {
    await watched?.close();
    await worker?.stop();
    await sharing.end();
  }
}

function starter({ config, stack, env, context }: Development): () => ReturnType<typeof startWorkerProcess> {
  const { temporal, postgres } = stack;
  const task = {
    config: config.path,
    profile: config.profile,
    address: temporal.address,
    namespace: temporal.namespace,
    databaseUrl: postgres.url,
    embedded: postgres.embedded,
    verbose: context.terminal.verbose,
  };
  return () => startWorkerProcess(task, env);
}

/** Lets other terminals find the servers. Those that were running before are shared by whoever started them. */
function shareWith({ config, stack }: Development) {
  const { temporal, postgres } = stack;
  const ours = temporal.embedded || postgres.embedded;
  let shared: Promise<() => void> = Promise.resolve(() => undefined);
  return {
    update({ secrets }: PreparedWorker): void {
      if (ours) shared = shared.then(() => shareDevEnvironment(config, { ...temporal, secrets }));
    },
    settled: () => shared,
    end: async () => (await shared)(),
  };
}

async function serverEnded({ failed }: Stack): Promise<never> {
  throw loadFailure('ToolUnavailable', {
    what: 'A server has ended by itself.',
    object: await failed,
    remedy: 'Look at its log, then start `loadline dev` again.',
  });
}
