import { loadErrorOf } from '../../../workflows/load-error';
import type { LoadReceipt, LoadRequest, RetryQuarantineInput } from '../../../workflows/contract';
import type { Lab } from '../support/lab';
import { expectBalanced } from '../support/receipts';
import { dayOf, raw } from '../support/source';

export const signed = { by: 'ann', reason: 'the range was wrong' };
/** Sets negative amounts aside. */
export const amount = { type: 'decimal(12,2)', range: { min: 0 }, severity: 'quarantine' } as const;
export const columns = { id: { type: 'bigint' }, amount } as const;
/** Takes those from -100 on. */
export const corrected = { id: { type: 'bigint' }, amount: { ...amount, range: { min: -100 } } } as const;

/** What a person does at the desk of a lab. */
export interface Desk {
  /** Loads a file of its own for the day, by a contract of the table's name. */
  loadDay(
    name: string,
    mode: LoadRequest['mode'],
    day: number,
    rows: readonly string[],
    more?: object,
  ): Promise<LoadReceipt>;
  retry(load: string, more?: Partial<RetryQuarantineInput>, workflowId?: string): Promise<LoadReceipt>;
  /** The table's rows as `id:amount`. */
  table(name: string): Promise<string>;
  /** The states of a load's rows. */
  states(load: string): Promise<string[]>;
  exported(load: string): Promise<Record<string, unknown>[]>;
  /** Hands in the rows of a load, each changed. */
  repair(load: string, change: (row: Record<string, unknown>) => object): Promise<string>;
}

export function deskOf(lab: Lab): Desk {
  const desk: Desk = {
    async loadDay(name, mode, day, rows, more = {}) {
      await lab.file(`${name}/${day}.csv`, ['id,amount', ...rows, ''].join('\n'));
      const interval = dayOf(`2026-03-0${day}`);
      const from = raw(`${name}/${day}.csv`);
      return lab.load({ pipeline: name, into: name, mode, from, interval, ...more } as LoadRequest);
    },
    retry: async (load, more = {}, workflowId) =>
      expectBalanced(
        await lab.run<LoadReceipt>('retryQuarantine', [{ load, ...signed, ...more }], workflowId ? { workflowId } : {}),
      ),
    async table(name) {
      const sql = `SELECT string_agg(id || ':' || amount, ' ' ORDER BY id, amount) AS t FROM ${name}`;
      return (await lab.rows<{ t: string }>(sql))[0]!.t;
    },
    states: async (load) => (await lab.warehouse.quarantine.show(load, { all: true })).rows.map((r) => r.state).sort(),
    async exported(load) {
      const lines: string[] = [];
      await lab.warehouse.quarantine.export(load, undefined, async (some) => void lines.push(...some));
      return lines.map((line) => JSON.parse(line) as Record<string, unknown>);
    },
    async repair(load, change) {
      const rows = (await desk.exported(load)).map((row) => ({
        id: row['_loadline_row'] as string,
        json: JSON.stringify({ ...row, ...change(row) }),
      }));
      return (await lab.warehouse.quarantine.submit(load, undefined, rows)).repair;
    },
  };
  return desk;
}

/** The code of a failure, and what was there. */
export const refusal = (work: Promise<unknown>): Promise<string> =>
  work.then(
    (done) => Promise.reject(new Error(`nothing failed: ${JSON.stringify(done)}`)),
    (error: unknown) => {
      const failure = loadErrorOf(error);
      if (!failure) throw error;
      return `${failure.type}: ${failure.details[0].got}`;
    },
  );
