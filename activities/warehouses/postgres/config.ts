/** A PostgreSQL warehouse, ready to use: secrets read, durations in milliseconds. */
export interface ResolvedPostgresConfig {
  readonly kind: 'postgres';
  /** `postgres://` URL, with its secret. Never logged. */
  readonly url: string;
  readonly ledgerSchema: string;
  readonly stageSchema: string;
  readonly maxPublishing: number;
  readonly maxStaging: number;
  readonly copySessions: number;
  readonly publishTimeoutMs: number;
  readonly stageTimeoutMs: number;
  readonly frozenTimeoutMs: number;
  readonly lockTimeoutMs: number;
  readonly claimLeaseMs: number;
  /** As PostgreSQL writes it; `null`: by the server's own size. */
  readonly workMem: string | null;
}

/** The defaults of `postgres()`; see `PostgresOptions`. */
export const postgresDefaults: Omit<ResolvedPostgresConfig, 'kind' | 'url'> = {
  ledgerSchema: '_loadline',
  stageSchema: '_loadline_stage',
  maxPublishing: 4,
  maxStaging: 4,
  copySessions: 2,
  publishTimeoutMs: 3_600_000,
  stageTimeoutMs: 6 * 3_600_000,
  frozenTimeoutMs: 15_000,
  lockTimeoutMs: 60_000,
  claimLeaseMs: 60_000,
  workMem: null,
};

/** Bounds of one transaction, so that a client that stopped answering loses its locks. */
export interface TransactionBounds {
  readonly timeoutMs: number;
  readonly frozenTimeoutMs: number;
  readonly lockTimeoutMs: number;
}

/** The bounds of a transaction that may take so long. */
export function boundsOf(config: ResolvedPostgresConfig, timeoutMs: number): TransactionBounds {
  return { timeoutMs, frozenTimeoutMs: config.frozenTimeoutMs, lockTimeoutMs: config.lockTimeoutMs };
}
