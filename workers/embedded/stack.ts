import { join } from 'node:path';
import { loadClientConnectConfig } from '@temporalio/envconfig';
import { loadFailure } from '../../workflows/load-error';
import { searchAttributeNames, searchAttributeType } from '../search-attributes';
import { startPostgres } from './postgres';
import { startTemporalServer, type SearchAttributeTypeName } from './temporal-server';

/** The search attributes that Loadline's workflows set, for {@link startTemporalServer}. */
export const loadlineSearchAttributes: Readonly<Record<string, SearchAttributeTypeName>> = Object.fromEntries(
  searchAttributeNames.map((name) => [name, searchAttributeType(name).word]),
);

/** Options of {@link startStack}. */
export interface StackOptions {
  /** Keeps data and logs over restarts. */
  readonly stateDir: string;
  /** Told, in one line, when something is done that takes its time. */
  readonly onProgress: (line: string) => void;
  /** A Temporal server that already runs. @default TEMPORAL_ADDRESS */
  readonly temporalAddress?: string;
  /** A profile of the Temporal configuration file. @default TEMPORAL_PROFILE */
  readonly temporalProfile?: string;
  /** @default the profile's, else TEMPORAL_NAMESPACE, else 'default' */
  readonly namespace?: string;
  /** A PostgreSQL server that already runs. @default DATABASE_URL */
  readonly databaseUrl?: string;
  /** @default process.env */
  readonly env?: NodeJS.ProcessEnv;
}

/** What a developer needs to run loads: Temporal and PostgreSQL. */
export interface Stack {
  readonly temporal: {
    readonly address: string;
    readonly namespace: string;
    /** Null for a server that was not started here. */
    readonly uiUrl: string | null;
    readonly embedded: boolean;
  };
  readonly postgres: { readonly url: string; readonly embedded: boolean };
  /** Resolves, with a sentence, when an embedded server has ended without being asked to. */
  readonly failed: Promise<string>;
  /** Ends what was started here, and only that. */
  stop(): Promise<void>;
}

interface Part<T> {
  readonly value: T;
  readonly ended?: Promise<string>;
  stop(): Promise<void>;
}

const nothing = async (): Promise<void> => undefined;

/** Connects to the servers that are given, and starts those that are not, at the same time. */
export async function startStack(options: StackOptions): Promise<Stack> {
  const [temporal, postgres] = await Promise.allSettled([temporalPart(options), postgresPart(options)]);
  if (temporal.status === 'fulfilled' && postgres.status === 'fulfilled')
    return stackOf(temporal.value, postgres.value);
  if (temporal.status === 'fulfilled') await temporal.value.stop();
  if (postgres.status === 'fulfilled') await postgres.value.stop();
  throw temporal.status === 'rejected' ? temporal.reason : (postgres as PromiseRejectedResult).reason;
}

function stackOf(temporal: Part<Stack['temporal']>, postgres: Part<Stack['postgres']>): Stack {
  let stopping = false;
  const failed = new Promise<string>((resolve) => {
    for (const { ended } of [temporal, postgres]) void ended?.then((what) => stopping || resolve(what));
  });
  return {
    temporal: temporal.value,
    postgres: postgres.value,
    failed,
    stop: async () => {
      stopping = true;
      await Promise.all([temporal.stop(), postgres.stop()]);
    },
  };
}

async function temporalPart(options: StackOptions): Promise<Part<Stack['temporal']>> {
  const { env = process.env } = options;
  const address = options.temporalAddress ?? (env['TEMPORAL_ADDRESS'] || undefined);
  const profile = options.temporalProfile ?? (env['TEMPORAL_PROFILE'] || undefined);
  if (address ?? profile) return givenTemporal(options, address, profile);
  const namespace = options.namespace ?? (env['TEMPORAL_NAMESPACE'] || 'default');
  const server = await startTemporalServer({
    dbFilename: join(options.stateDir, 'temporal.db'),
    logFile: join(options.stateDir, 'temporal.log'),
    // Where the Temporal CLI and browsers' bookmarks look by default.
    preferredPort: 7233,
    preferredUiPort: 8233,
    namespace,
    searchAttributes: loadlineSearchAttributes,
    onProgress: options.onProgress,
  });
  const value = { address: server.address, namespace, uiUrl: server.uiUrl, embedded: true };
  const ended = server.exited.then((how) => `Temporal ended with ${how}: read ${server.logFile}.`);
  return { value, ended, stop: () => server.stop() };
}

function givenTemporal(options: StackOptions, address?: string, profile?: string): Part<Stack['temporal']> {
  const found = configured(options.env ?? process.env, profile);
  const value = {
    address: address ?? found.connectionOptions.address ?? 'localhost:7233',
    namespace: options.namespace ?? found.namespace ?? 'default',
    uiUrl: null,
    embedded: false,
  };
  return { value, stop: nothing };
}

function configured(env: NodeJS.ProcessEnv, profile: string | undefined): ReturnType<typeof loadClientConnectConfig> {
  const overrideEnvVars = Object.fromEntries(Object.entries(env).map(([name, value]) => [name, value ?? '']));
  try {
    return loadClientConnectConfig({ ...(profile === undefined ? {} : { profile }), overrideEnvVars });
  } catch (cause) {
    throw loadFailure('InvalidConfig', {
      what: 'The Temporal configuration cannot be used.',
      object: profile === undefined ? 'default profile' : `profile ${profile}`,
      got: cause instanceof Error ? cause.message : String(cause),
      remedy: 'Correct the profile (`temporal config list`), or TEMPORAL_PROFILE.',
      cause,
    });
  }
}

async function postgresPart(options: StackOptions): Promise<Part<Stack['postgres']>> {
  const { env = process.env } = options;
  const given = options.databaseUrl ?? (env['DATABASE_URL'] || undefined);
  if (given !== undefined) return { value: { url: given, embedded: false }, stop: nothing };
  const server = await startPostgres({
    dataDir: join(options.stateDir, 'postgres'),
    logFile: join(options.stateDir, 'postgres.log'),
    preferredPort: 54320,
    database: 'analytics',
  });
  const ended = server.exited.then((how) => `PostgreSQL ended with ${how}: read ${server.logFile}.`);
  return { value: { url: server.url, embedded: true }, ended, stop: () => server.stop() };
}
