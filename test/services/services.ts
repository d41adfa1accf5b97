import { randomBytes } from 'node:crypto';
import { Client } from 'pg';

/** The servers that the tests share. */
export interface Services {
  readonly temporalAddress: string;
  /** Of a database that belongs to no test: use {@link createDatabase}. */
  readonly databaseUrl: string;
}

/** Names of the variables that carry the addresses; set beforehand, they name servers that already run. */
export const serviceVariables = {
  temporalAddress: 'LOADLINE_TEST_TEMPORAL_ADDRESS',
  databaseUrl: 'LOADLINE_TEST_DATABASE_URL',
  /** Where a stand-in of Snowflake answers; only in the project of warehouses. */
  snowflakeUrl: 'LOADLINE_TEST_SNOWFLAKE_URL',
} as const;

/** The servers that were started before the tests. */
export function services(): Services {
  return { temporalAddress: variable('temporalAddress'), databaseUrl: variable('databaseUrl') };
}

const created: string[] = [];

/** Creates a database of the test file's own and returns its URL. It is dropped after the last test of the file. */
export async function createDatabase(name: string): Promise<string> {
  const unique = `${name.replace(/\W+/g, '_').slice(0, 40)}_${randomBytes(4).toString('hex')}`;
  await administer((client) => client.query(`create database ${client.escapeIdentifier(unique)}`));
  created.push(unique);
  const url = new URL(services().databaseUrl);
  url.pathname = `/${unique}`;
  return url.href;
}

/** Drops what {@link createDatabase} made, also under connections that a test left open. */
export async function dropCreatedDatabases(): Promise<void> {
  const names = created.splice(0);
  if (names.length === 0) return;
  await administer(async (client) => {
    for (const name of names)
      await client.query(`drop database if exists ${client.escapeIdentifier(name)} with (force)`);
  });
}

async function administer(work: (client: Client) => Promise<unknown>): Promise<void> {
  const client = new Client({ connectionString: services().databaseUrl });
  await client.connect();
  try {
    await work(client);
  } finally {
    await client.end();
  }
}

/** The address of a server that was started before the tests. */
export function variable(service: keyof typeof serviceVariables): string {
  const name = serviceVariables[service];
  const value = process.env[name];
  if (value) return value;
  throw new Error(`${name} is not set: run this test by jest, in a project with services.`);
}
