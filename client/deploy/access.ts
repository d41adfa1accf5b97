import { Client, Connection } from '@temporalio/client';
import { loadFailure } from '../../workflows/load-error';
import type { LoadlineConfig } from '../../workflows/config';
import { connectOptions, reachTemporal, type ConnectOverrides, type ResolvedConfig } from '../../workers/config';
import { givenConfig } from '../given-config';
import { shortPath } from '../../workers/config/short-path';

/** A deployment, as everything here reaches it. No warehouse is opened: a pipeline has no right to one. */
export interface DeploymentAccess {
  readonly client: Client;
  readonly namespace: string;
  readonly deployment: string;
  readonly taskQueue: string;
  readonly config: ResolvedConfig;
}

/** Connects to Temporal, works, and closes the connection. @throws `InvalidConfig` without `worker.deployment` */
export async function withDeployment<T>(
  config: LoadlineConfig | ResolvedConfig | undefined,
  overrides: ConnectOverrides,
  work: (at: DeploymentAccess) => Promise<T>,
): Promise<T> {
  const resolved = await givenConfig(config);
  const { deployment, taskQueue } = resolved;
  if (deployment === null)
    throw loadFailure('InvalidConfig', {
      object: 'worker.deployment',
      expected: 'the name of a Worker Deployment',
      got: 'none',
      remedy: `Add worker: { deployment: 'orders' } to ${shortPath(resolved.path)}, and start the workers again.`,
    });
  const { connectionOptions, namespace } = connectOptions(resolved, overrides);
  const connection = await reachTemporal(connectionOptions.address, () =>
    Connection.connect({ ...connectionOptions, connectTimeout: '5s' }),
  );
  try {
    const client = new Client({ connection, namespace });
    return await work({ client, namespace, deployment: deployment.name, taskQueue, config: resolved });
  } finally {
    await connection.close();
  }
}
