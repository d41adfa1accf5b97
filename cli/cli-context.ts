import { adoptDevEnvironment } from './dev-environment';
import { lazyClient, lazyConfig } from './lazy';
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
  close(): Promise<void>;
}

/** Runs the body of a command, and keeps its exit code. */
export type RunBody = (body: (context: CliContext) => Promise<ExitCode>) => Promise<void>;

/** Makes the context of one run. */
export function contextOf(globals: GlobalOptions, terminal: Terminal): CliContext {
  let config: Promise<ResolvedConfig> | undefined;
  let client: Promise<LoadlineClient> | undefined;
  const context: CliContext = {
    globals,
    terminal,
    config: () => (config ??= openConfig(globals, terminal)),
    client: () => (client ??= context.config().then((resolved) => lazyClient().createClient(resolved, connectionFlags(globals)))),
    temporal: async () => lazyConfig().connectOptions(await context.config(), connectionFlags(globals)),
    warehouse: async (name) => {
      const chosen = chooseWarehouse(name, [...(await context.config()).warehouses.keys()]);
      return (await context.client()).warehouse(chosen);
    },
    confirm: (question) => ask(question, terminal),
    close: async () => {
      // A client that could not be made has been told of already.
      await client?.then((made) => made.close()).catch(() => undefined);
    },
  };
  return context;
}

async function openConfig({ config: path, profile }: GlobalOptions, terminal: Terminal): Promise<ResolvedConfig> {
  const resolved = await lazyConfig().loadConfig({ path, profile });
  if ((await adoptDevEnvironment(resolved)) && terminal.verbose) terminal.note('Using the servers of the running `loadline dev`.');
  return resolved;
}

function connectionFlags({ address, namespace }: GlobalOptions): { address?: string; namespace?: string } {
  return { ...(address === undefined ? {} : { address }), ...(namespace === undefined ? {} : { namespace }) };
}

function chooseWarehouse(name: string | undefined, names: readonly string[]): string {
  const chosen = name ?? (names.length === 1 ? names[0] : undefined);
  if (chosen !== undefined) return chosen;
  throw new UsageError('No warehouse was named.', `Add --warehouse <name>: ${names.join(', ') || 'the configuration has none yet'}.`);
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
