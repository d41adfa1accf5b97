import { setTimeout as wait } from 'node:timers/promises';
import { loadFailure } from '../../../workflows/load-error';
import { loadErrors } from '../../../workflows/load-error-code';
import type { Warehouse, WarehouseCapabilities, WarehouseFeature } from '../warehouse';
import type { LedgerNames } from './ledger-schema';
import type { Locks } from './locks';
import { GuardFailed, raw, type Dialect, type RawSql, type SqlBackend } from './port';

/** How the protocol runs on one warehouse: durations in milliseconds. */
export interface SqlWarehouseOptions {
  readonly capabilities: WarehouseCapabilities;
  readonly claimLeaseMs: number;
  readonly publishTimeoutMs: number;
  readonly stageTimeoutMs: number;
  readonly maxPublishing: number;
  readonly maxStaging: number;
  /** See `Warehouse.scratch`. */
  readonly scratch: Warehouse['scratch'];
}

/** What every part of the protocol works with. */
export interface Engine {
  readonly name: string;
  readonly backend: SqlBackend;
  readonly dialect: Dialect;
  readonly names: LedgerNames;
  readonly locks: Locks;
  readonly options: SqlWarehouseOptions;
}

/** How often a decision is made again because what it rested on has moved. */
const patience = 30;

/**
 * Decides by what is read, and acts in a unit that guards what was read. Where another was faster it reads and decides again:
 * one of those who were at it has come through each time, so that this ends.
 *
 * @throws `LockBusy` when it does not
 */
export async function deciding<T>(object: string, decide: (round: number) => Promise<T>): Promise<T> {
  for (let round = 1; ; round++) {
    try {
      return await decide(round);
    } catch (error) {
      if (!(error instanceof GuardFailed)) throw error;
      if (Object.hasOwn(loadErrors, error.code)) throw error;
      if (round === patience) throw loadFailure('LockBusy', { object, got: `${patience} others that were faster` });
    }
    await wait(Math.random() * Math.min(25 * round, 500));
  }
}

/** Columns of Loadline's own tables, quoted. */
export const own = ({ dialect }: Pick<Engine, 'dialect'>, ...names: readonly string[]): RawSql =>
  raw(names.map((name) => dialect.ident(name)).join(', '));

/** What a warehouse cannot do for this object. @throws `NotSupported` */
export function notSupported(operation: WarehouseFeature, object: string): never {
  throw loadFailure('NotSupported', { object, got: operation });
}
