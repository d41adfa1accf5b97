import { createWorker } from '../workers/create-worker';
import { installLogging } from '../workers/logging';
import { readWarehouseSecrets } from '../workers/config';
import { startStack, type Stack } from '../workers/embedded/stack';
import { loadFailure } from '../workflows/load-error';
import { devScreen, embeddedSecrets } from './dev-screen';
import { shareDevEnvironment } from './dev-environment';
import { exitCodes, type ExitCode } from './exit-code';
import { stopSignal, type StopSignal } from './stop-signal';
import { paint } from './terminal';
import type { CliContext } from './cli-context';
import type { ConnectOverrides, ResolvedConfig } from '../workers/config';

/** Runs a worker until it is asked to stop. */
export async function serve(context: CliContext): Promise<ExitCode> {
  quieten(context);
  const config = await context.config();
  const { connectionOptions, namespace } = await context.temporal();
  const { address } = connectionOptions;
  const stop = stopSignal(context.terminal.note);
  try {
    await runWorker(config, { address, namespace }, stop, () => {
      context.terminal.note(
        `${paint.green('✓')} polling ${paint.bold(config.taskQueue)} of ${namespace} at ${address}, build ${config.buildId}`,
      );
    });
    return exitCodes.ok;
  } finally {
    stop.forget();
  }
}

/** Runs the servers and a worker until asked to stop; then stops the worker first, so that it can still report. */
export async function dev(context: CliContext): Promise<ExitCode> {
  quieten(context);
  const config = await context.config();
  const stop = stopSignal(context.terminal.note);
  try {
    context.terminal.note(paint.dim('Starting …'));
    const stack = await startServers(config, context);
    try {
      if (!stop.isAsked()) await develop(config, stack, stop, context);
    } finally {
      await stack.stop();
    }
    return exitCodes.ok;
  } finally {
    stop.forget();
  }
}

/** The SDK tells of every bundle; what goes wrong is what one wants to hear of. */
function quieten({ terminal }: CliContext): void {
  installLogging({ level: terminal.verbose ? 'INFO' : 'WARN' });
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
  const [first] = config.warehouses.values();
  if (first === undefined || embeddedSecrets(config).length > 0) return undefined;
  return readWarehouseSecrets(first).url;
}

async function develop(config: ResolvedConfig, stack: Stack, stop: StopSignal, context: CliContext): Promise<void> {
  const { temporal, postgres } = stack;
  const names = postgres.embedded
    ? [...new Set([...embeddedSecrets(config), 'DATABASE_URL'])]
    : embeddedSecrets(config);
  const secrets = Object.fromEntries(names.map((name) => [name, postgres.url]));
  for (const [name, url] of Object.entries(secrets)) process.env[name] ||= url;
  const { address, namespace } = temporal;
  // Servers that were running before are shared by whoever started them.
  const ours = temporal.embedded || postgres.embedded;
  const unshare = ours ? await shareDevEnvironment(config, { ...temporal, secrets }) : () => undefined;
  try {
    const ready = (): void => context.terminal.note(devScreen(config, stack));
    const broken = stack.failed.then((what) => {
      throw loadFailure('ToolUnavailable', {
        what: 'A server has ended by itself.',
        object: what,
        remedy: 'Look at its log, then start `loadline dev` again.',
      });
    });
    await Promise.race([runWorker(config, { address, namespace }, stop, ready), broken]);
  } finally {
    unshare();
  }
}

async function runWorker(
  config: ResolvedConfig,
  overrides: ConnectOverrides,
  stop: StopSignal,
  ready: () => void,
): Promise<void> {
  const { worker, close } = await createWorker(config, overrides);
  try {
    // Also when it is to stop already, which the SDK has heard too: a worker that never runs holds its connection.
    const running = worker.run();
    void stop.asked.then(() => worker.getState() === 'RUNNING' && worker.shutdown());
    if (!stop.isAsked()) ready();
    await running;
  } finally {
    await close();
  }
}
