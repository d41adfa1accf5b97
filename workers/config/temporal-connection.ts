import { loadClientConnectConfig } from '@temporalio/envconfig';
import { loadFailure } from '../../workflows/load-error';
import { refuseOption } from './config-refusal';
import type { ResolvedConfig } from './resolved-config';

/** What the command line says of the connection; wins over everything else. */
export interface ConnectOverrides {
  readonly address?: string | undefined;
  readonly namespace?: string | undefined;
}

/** Options for `Connection.connect` and `NativeConnection.connect` alike, with the address decided. */
export type TemporalConnectionOptions = ReturnType<typeof loadClientConnectConfig>['connectionOptions'] & {
  readonly address: string;
};

/** How to reach Temporal, and which namespace. */
export interface ConnectTarget {
  readonly connectionOptions: TemporalConnectionOptions;
  readonly namespace: string;
}

/**
 * How to reach Temporal: command line over configuration over the variables and the file of the Temporal CLI.
 *
 * @throws `InvalidConfig` when the Temporal profile is unknown or its file malformed.
 */
export function connectOptions(
  config: Pick<ResolvedConfig, 'temporal' | 'path'>,
  overrides: ConnectOverrides = {},
): ConnectTarget {
  const { temporal } = config;
  const surroundings = fromSurroundings(config);
  const address = overrides.address ?? temporal.address ?? surroundings.connectionOptions.address ?? 'localhost:7233';
  return {
    connectionOptions: { ...surroundings.connectionOptions, address },
    namespace: overrides.namespace ?? temporal.namespace ?? surroundings.namespace ?? 'default',
  };
}

function fromSurroundings({
  temporal,
  path,
}: Pick<ResolvedConfig, 'temporal' | 'path'>): ReturnType<typeof loadClientConnectConfig> {
  try {
    return loadClientConnectConfig(temporal.profile === null ? {} : { profile: temporal.profile });
  } catch (cause) {
    throw refuseOption(path, {
      option: 'temporal.profile',
      expected: 'a profile of the Temporal configuration file, which `temporal config list` shows',
      got: cause instanceof Error ? cause.message : String(cause),
      remedy: 'Correct the profile, TEMPORAL_PROFILE or the file that TEMPORAL_CONFIG_FILE names.',
    });
  }
}

/**
 * Runs a connection attempt.
 *
 * @throws `TemporalUnreachable` with the address, when the attempt fails.
 */
export async function reachTemporal<T>(address: string, connect: () => Promise<T>): Promise<T> {
  try {
    return await connect();
  } catch (cause) {
    throw temporalUnreachable(address, cause);
  }
}

/** The failure that says which server did not answer, and how. */
export function temporalUnreachable(address: string, cause: unknown): Error {
  const { details, message } = cause as { details?: string; message?: string };
  const told = [details, message].find((text) => typeof text === 'string' && text !== '');
  // The native connection tells its error as a structure within structures; a sentence is at the bottom of it.
  const got = /message: "([^"]+)"/.exec(told ?? '')?.[1] ?? told;
  return loadFailure('TemporalUnreachable', {
    object: address,
    expected: 'a Temporal server at this address',
    ...(got === undefined ? {} : { got: got.split('\n')[0]! }),
    cause,
  });
}
