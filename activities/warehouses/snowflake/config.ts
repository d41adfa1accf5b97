/** How a session proves who it is. Secrets are values here, and never logged. */
export type SnowflakeLogin =
  | { readonly by: 'password'; readonly password: string }
  | { readonly by: 'key-pair'; readonly privateKey: string; readonly passphrase: string | null }
  | { readonly by: 'oauth'; readonly token: string }
  | { readonly by: 'token'; readonly token: string };

/** A Snowflake warehouse, ready to use: secrets read, durations in milliseconds. */
export interface ResolvedSnowflakeConfig {
  readonly kind: 'snowflake';
  readonly account: string;
  readonly user: string;
  readonly login: SnowflakeLogin;
  /** As it is stored. */
  readonly database: string;
  /** The schema of tables whose contract names none. */
  readonly schema: string;
  /** The virtual warehouse; `null`: the user's own. */
  readonly warehouse: string | null;
  /** `null`: the user's own. */
  readonly role: string | null;
  readonly ledgerSchema: string;
  readonly stageSchema: string;
  readonly maxPublishing: number;
  readonly maxStaging: number;
  readonly publishTimeoutMs: number;
  readonly stageTimeoutMs: number;
  readonly lockTimeoutMs: number;
  readonly claimLeaseMs: number;
  /** Where the service answers, such as a proxy or a stand-in; `null`: at the account's own address. */
  readonly endpoint: string | null;
}

/** The defaults of `snowflake()`; see `SnowflakeOptions`. */
export const snowflakeDefaults = {
  schema: 'PUBLIC',
  warehouse: null,
  role: null,
  ledgerSchema: '_LOADLINE',
  stageSchema: '_LOADLINE_STAGE',
  maxPublishing: 4,
  maxStaging: 4,
  publishTimeoutMs: 3_600_000,
  stageTimeoutMs: 6 * 3_600_000,
  lockTimeoutMs: 60_000,
  claimLeaseMs: 60_000,
  endpoint: null,
} as const satisfies Omit<ResolvedSnowflakeConfig, 'kind' | 'account' | 'user' | 'login' | 'database'>;
