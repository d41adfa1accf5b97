import { Client, Connection } from '@temporalio/client';
import { lazyConfig } from './lazy';
import type { CliContext } from './cli-context';

/** Temporal alone, where no warehouse and none of their secrets is needed. Closed with the command. */
export async function temporalClient(context: CliContext): Promise<Client> {
  const { connectionOptions, namespace } = await context.temporal();
  const connect = (): Promise<Connection> => Connection.connect({ ...connectionOptions, connectTimeout: '5s' });
  const connection = await lazyConfig().reachTemporal(connectionOptions.address, connect);
  context.onClose(() => connection.close());
  return new Client({ connection, namespace });
}
