import { bigQueryDefaults, type ResolvedBigQueryConfig } from '../../../activities/warehouses/bigquery/config';
import {
  snowflakeDefaults,
  type ResolvedSnowflakeConfig,
  type SnowflakeLogin,
} from '../../../activities/warehouses/snowflake/config';

// Real accounts, where variables name them: see docs/adapters.md.
const { env } = process;

/** The account of Snowflake that variables name; `null`: the stand-in. */
export function snowflakeAccount(): ResolvedSnowflakeConfig | null {
  const account = env['LOADLINE_SNOWFLAKE_ACCOUNT'];
  if (!account) return null;
  return {
    ...snowflakeDefaults,
    kind: 'snowflake',
    account,
    user: needed('LOADLINE_SNOWFLAKE_USER'),
    login: snowflakeLogin(),
    database: needed('LOADLINE_SNOWFLAKE_DATABASE'),
    role: env['LOADLINE_SNOWFLAKE_ROLE'] ?? null,
    warehouse: env['LOADLINE_SNOWFLAKE_WAREHOUSE'] ?? null,
    endpoint: env['LOADLINE_SNOWFLAKE_ENDPOINT'] ?? null,
  };
}

function snowflakeLogin(): SnowflakeLogin {
  const privateKey = env['LOADLINE_SNOWFLAKE_PRIVATE_KEY'];
  if (privateKey) return { by: 'key-pair', privateKey, passphrase: null };
  const token = env['LOADLINE_SNOWFLAKE_TOKEN'];
  if (token) return { by: 'token', token };
  return { by: 'password', password: needed('LOADLINE_SNOWFLAKE_PASSWORD') };
}

/** The project of BigQuery that variables name, with the credentials of the machine; `null`: the stand-in. */
export function bigQueryProject(): ResolvedBigQueryConfig | null {
  const project = env['LOADLINE_BIGQUERY_PROJECT'];
  if (!project) return null;
  const endpoint = env['LOADLINE_BIGQUERY_ENDPOINT'] ?? null;
  return {
    ...bigQueryDefaults,
    kind: 'bigquery',
    project,
    jobProject: env['LOADLINE_BIGQUERY_JOB_PROJECT'] ?? project,
    location: env['LOADLINE_BIGQUERY_LOCATION'] ?? null,
    credentials: { kind: endpoint ? 'none' : 'default' },
    apiEndpoint: endpoint,
    storageEndpoint: endpoint,
  };
}

function needed(name: string): string {
  const value = env[name];
  if (value) return value;
  throw new Error(`${name} is not set, which an account needs: see "On an account" in docs/adapters.md.`);
}
