import { adoptLoad, type AdoptRequest } from '../../../../activities/adopt-load';
import { validateContract } from '../../../../activities/contracts';
import type { Warehouse } from '../../../../activities/warehouses/warehouse';
import type { LoadReceipt } from '../../../../workflows/contract';
import { baseContract, day, openBench, type Asked, type Bench } from '../../protocol/support/bench';
import { forgetAttempts } from '../../protocol/support/gate';

export const by = { by: 'ann', reason: 'the delivery was wrong' };

/** A bench whose loads are those of one workflow, run after run. */
export interface UndoBench extends Bench {
  readonly main: Warehouse;
  /** A load by a run of its own. */
  load(asked: Asked): Promise<LoadReceipt>;
  append(n: number, ...rows: string[]): Asked;
  replace(n: number, ...rows: string[]): Asked;
  change(contract: object): void;
  /** A load that was done by hand; without `files` nothing is known of its content. */
  adopt(asked: Omit<Asked, 'files'> & { readonly files?: string }, warehouse?: Warehouse): Promise<LoadReceipt>;
}

/** What a run of its own is to the warehouse. */
export const run = (n: number) => ({ runId: `r${n}`, activityId: String(n), scheduledAtMs: n });

export async function openUndoBench(name: string): Promise<UndoBench> {
  const bench = await openBench(name);
  const main = bench.warehouse();
  let runs = 1;
  const daily =
    (mode: 'append' | 'replace') =>
    (n: number, ...rows: string[]): Asked => ({ mode, files: bench.file(`d${n}`, ...rows), interval: day(n) });
  return Object.assign(bench, {
    main,
    load: async (asked: Asked) => (await bench.ready(main, asked, run(runs++))).publish(),
    adopt: ({ files, ...asked }: Partial<Asked>, warehouse = main) =>
      adoptLoad(
        bench.deps(warehouse),
        {
          pipeline: 'p',
          into: 't',
          ...asked,
          ...(files && { from: { kind: 'files', store: 'raw', glob: files } }),
        } as AdoptRequest,
        by,
      ),
    append: daily('append'),
    replace: daily('replace'),
    change: (more: object) => void (bench.contract = validateContract({ ...baseContract, ...more }, 'the test')),
  });
}

/** Leaves the ledger as the first release left it: without what later versions have added. */
export async function downgradeLedger(bench: Bench): Promise<void> {
  await bench.rows(`DO $$ DECLARE made text; BEGIN
      FOR made IN SELECT tablename FROM pg_tables WHERE schemaname = '_loadline'
        AND tablename NOT IN ('meta', 'locks', 'claims', 'ledger', 'files', 'stages', 'quarantine')
      LOOP EXECUTE format('DROP TABLE _loadline.%I CASCADE', made); END LOOP;
    END $$; DELETE FROM _loadline.meta; INSERT INTO _loadline.meta VALUES (1)`);
}

export async function closeUndoBench(bench: Bench): Promise<void> {
  forgetAttempts();
  await bench.stop();
}

/** A refusal that says why. */
export const notReversible = (got: string): Error =>
  expect.objectContaining({
    type: 'NotReversible',
    details: [expect.objectContaining({ got: expect.stringContaining(got) as string })],
  }) as Error;
