import { loadFailure } from '../../../workflows/load-error';
import type { PostgresClient } from './client';
import type { ResolvedPostgresConfig } from './config';
import { foundVersion, ledgerVersion, prepareLedger } from './ledger-schema';

/** Sees to it that there is a ledger of this release's version where one is needed. */
export class LedgerAccess {
  #prepared = false;

  constructor(
    readonly client: PostgresClient,
    readonly config: ResolvedPostgresConfig,
  ) {}

  async prepare(): Promise<void> {
    await prepareLedger(this.client, this.config);
    this.#prepared = true;
  }

  /** For steps of a load that a worker of an older release has opened: its ledger may be older too. */
  async ready<T>(work: () => Promise<T>): Promise<T> {
    if (!this.#prepared) await this.prepare();
    return work();
  }

  /** Answers about a ledger that is not there yet are empty, so that looking changes nothing. */
  async ifReady<T>(otherwise: T, work: () => Promise<T>): Promise<T> {
    const version = await foundVersion(this.client, this.config);
    if (version > 0 && version < ledgerVersion) await this.prepare();
    return version > 0 ? work() : otherwise;
  }

  /** @throws `LoadNotFound` where there is no ledger yet */
  async known<T>(loadKeyOrId: string, work: () => Promise<T>): Promise<T> {
    const found = await this.ifReady<{ value: T } | null>(null, async () => ({ value: await work() }));
    if (!found) throw loadFailure('LoadNotFound', { object: loadKeyOrId });
    return found.value;
  }
}
