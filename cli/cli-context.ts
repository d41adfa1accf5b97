import { didYouMean } from '../activities/contracts/did-you-mean';
import { adoptDevEnvironment } from './dev-environment';
import { lazyClient, lazyConfig, lazyDeps } from './lazy';
import { UsageError } from './usage-error';
import type { LoadlineClient } from '../client';
import type { ConnectTarget, ResolvedConfig } from '../workers/config';
import type { ExitCode } from './exit-code';
import type { Terminal } from './terminal';
import type { Warehouse } from '../activities/warehouses/warehouse';

/** The options that every command takes. */
export interface GlobalOptions {
  readonly config?: string;
  readonly profile?: string;
  readonly json?: boolean;
  readonly address?: string;
  readonly namespace?: string;
  readonly verbose?: boolean;
}

/** What a command works with. Configuration and client are made when they are asked for. */
export interface CliContext {
  readonly globals: GlobalOptions;
  readonly terminal: Terminal;
  config(): Promise<ResolvedConfig>;
  client(): Promise<LoadlineClient>;
  /** How Temporal is reached. */
  temporal(): Promise<ConnectTarget>;
  /** The named warehouse; without a name the only one. */
  warehouse(name: string | undefined): Promise<Warehouse>;
  /** Whether the person that watches agrees. */
  confirm(question: string): Promise<boolean>;
  /** Has something closed at the end of the run. */
  onClose(close: () => Promise<void>): void;
  close(): Promise<void>;
}

/** Runs the body of a command, and keeps its exit code. */
export type RunBody = (body: (context: CliContext) => Promise<ExitCode>) => Promise<void>;

/** Makes the context of one run. */
export function contextOf(globals: GlobalOptions, terminal: Terminal): CliContext {
  let config: Promise<ResolvedConfig> | undefined;
  let client: Promise<LoadlineClient> | undefined;
  const closers: (() => Promise<void>)[] = [];
  const context: CliContext = {
    globals,
    terminal,
    config: () => (config ??= openConfig(globals, terminal)),
    client: () => (client ??= openClient(context)),
    temporal: async () => lazyConfig().connectOptions(await context.config(), connectionFlags(globals)),
    warehouse: (name) => openWarehouse(name, context),
    confirm: (question) => ask(question, terminal),
    onClose: (close) => void closers.push(close),
    close: async () => {
      // What cannot be closed any more is closed; the command's own error is the one to tell.
      await Promise.allSettled(closers.splice(0).map((close) => close()));
    },
  };
  return context;
}

async function openConfig({ config: path, profile }: GlobalOptions, terminal: Terminal): Promise<ResolvedConfig> {
  const resolved = await lazyConfig().loadConfig({ path, profile });
  if ((await adoptDevEnvironment(resolved)) && terminal.verbose)
    terminal.note('Using the servers of the running `loadline dev`.');
  return resolved;
}

async function openClient(context: CliContext): Promise<LoadlineClient> {
  const client = await lazyClient().createClient(await context.config(), connectionFlags(context.globals));
  context.onClose(() => client.close());
  return client;
}

function connectionFlags({ address, namespace }: GlobalOptions): { address?: string; namespace?: string } {
  return { ...(address === undefined ? {} : { address }), ...(namespace === undefined ? {} : { namespace }) };
}

/** The ledger is asked without Temporal, which may be what is broken. */
async function openWarehouse(asked: string | undefined, context: CliContext): Promise<Warehouse> {
  const { warehouses } = await context.config();
  const names = [...warehouses.keys()];
  const name = asked ?? (names.length === 1 ? names[0] : undefined);
  if (name === undefined) {
    const choice = names.join(', ') || 'the configuration has none yet';
    throw new UsageError('No warehouse was named.', `Add --warehouse <name>: ${choice}.`);
  }
  const resolved = warehouses.get(name);
  if (!resolved) throw new UsageError(`There is no warehouse "${name}".`, didYouMean(name, names));
  const warehouse = lazyDeps().openWarehouse(resolved);
  context.onClose(() => warehouse.close());
  return warehouse;
}

async function ask(question: string, terminal: Terminal): Promise<boolean> {
  if (!terminal.interactive || process.stdin.isTTY !== true) return false;
  const { createInterface } = await import('node:readline/promises');
  const readline = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return /^y(es)?$/i.test((await readline.question(`${question} [y/N] `)).trim());
  } finally {
    readline.close();
  }
}
