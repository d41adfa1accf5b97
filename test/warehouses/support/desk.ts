import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { MockActivityEnvironment } from '@temporalio/testing';
import { provideBatchHome } from '../../../activities/batch-home';
import type { ActivityDeps } from '../../../activities/deps';
import { openLocalFiles } from '../../../activities/stores/local-files';
import { stateStoreName } from '../../../activities/stores/state-store';
import type { Warehouse } from '../../../activities/warehouses/warehouse';
import { writeQuarantined } from '../../../activities/write-quarantined';
import { Run } from '../../../testing/conformance/support/run';
import type { LoadReceipt, RetryQuarantineInput, WriteQuarantinedResult } from '../../../workflows/contract';
import type { Bench } from './bench';

/** What a person does at the desk of a warehouse that is driven by hand. */
export interface BenchDesk {
  /** All steps of the workflow `retryQuarantine`, without a Temporal server. */
  retry(warehouse: Warehouse, load: string, more?: Partial<RetryQuarantineInput>): Promise<LoadReceipt>;
  /** The open rows of a load, as they are exported. */
  exported(warehouse: Warehouse, load: string): Promise<string[]>;
  /** Hands in the rows of a load, each line changed. Resolves to the repair's name. */
  repair(warehouse: Warehouse, load: string, change: (line: string) => string): Promise<string>;
  /** The states of a load's rows. */
  states(warehouse: Warehouse, load: string): Promise<string[]>;
  close(): void;
}

const nothing = (): void => undefined;
const silent = { log: nothing, trace: nothing, debug: nothing, info: nothing, warn: nothing, error: nothing };

export const signed = { by: 'ann', reason: 'the range was wrong' };

export function openDesk(bench: Bench): BenchDesk {
  const stateDir = join(bench.folder, 'state');
  mkdirSync(stateDir, { recursive: true });
  const state = openLocalFiles(stateStoreName, stateDir);
  const release = provideBatchHome({ stateDir, store: () => state });
  let runs = 0;
  const desk: BenchDesk = {
    async retry(warehouse, load, more = {}) {
      const deps: ActivityDeps = {
        warehouses: new Map([['main', warehouse]]),
        stores: new Map([
          ['raw', bench.store],
          [stateStoreName, state],
        ]),
        contracts: bench.contracts,
        stateDir,
        buildId: 'test',
        versioned: false,
        searchAttributes: async () => false,
      };
      const input = { load, ...signed, ...more };
      const activity = new MockActivityEnvironment({}, { logger: silent });
      const written = (await activity.run(() => writeQuarantined(deps, input))) as WriteQuarantinedResult;
      if ('receipt' in written) return written.receipt;
      const workflowId = `retry ${++runs}`;
      const ground = { deps: () => deps, tick: () => runs } as never;
      const run = new Run(ground, warehouse, { workflowId, runId: workflowId });
      const opened = await run.openOrReceipt([written.request]);
      if ('receipt' in opened) return opened.receipt;
      return run
        .staged(opened.open)
        .then((ready) => run.publish(ready))
        .catch(async (error: unknown) => {
          await run.discard(opened.open);
          throw error;
        });
    },
    async exported(warehouse, load) {
      const lines: string[] = [];
      await warehouse.quarantine.export(load, undefined, async (some) => void lines.push(...some));
      return lines;
    },
    async repair(warehouse, load, change) {
      const rows = (await desk.exported(warehouse, load)).map((line) => ({
        id: (JSON.parse(line) as Record<string, string>)['_loadline_row']!,
        json: change(line),
      }));
      return (await warehouse.quarantine.submit(load, undefined, rows)).repair;
    },
    states: async (warehouse, load) =>
      (await warehouse.quarantine.show(load, { all: true })).rows.map((r) => r.state).sort(),
    close: release,
  };
  return desk;
}
