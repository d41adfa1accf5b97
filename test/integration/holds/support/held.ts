import type { WorkflowHandle } from '@temporalio/client';
import type { HeldLoad, LoadReceipt, LoadRequest, VerdictInput } from '../../../../workflows/contract';
import type { TableContract } from '../../../../workflows/table-contract';
import { activitiesOf, fetchHistory } from '../../support/history';
import type { Lab } from '../../support/lab';
import { raw } from '../../support/source';

export const columns = {
  id: { type: 'integer' },
  amount: { type: 'decimal(12,2)', range: { min: 0 } },
} as const;

/** Of three rows two are good. */
export const content = 'id,amount\n1,10\n2,-5\n3,30\n';

/** A load that waits for a verdict. */
export interface Held {
  readonly handle: WorkflowHandle;
  readonly request: LoadRequest;
  readonly table: string;
  readonly load: HeldLoad;
  decide(input: Partial<VerdictInput>): Promise<Required<VerdictInput>>;
  result(): Promise<LoadReceipt>;
  /** The activities of the run. */
  steps(): Promise<string>;
  /** The ids of the rows that are in the table. */
  ids(): Promise<number[]>;
}

/** Makes a contract and a file, and the request that loads it. */
export async function faulty(
  lab: Lab,
  name: string,
  more: Partial<TableContract> = {},
  request: Partial<LoadRequest> = {},
): Promise<LoadRequest> {
  const into = lab.contract({ name, columns, key: ['id'], create: 'if-missing', ...more });
  await lab.file(`${name}/a.csv`, content);
  return { pipeline: name, into, mode: 'merge', from: raw(`${name}/*.csv`), ...request } as LoadRequest;
}

/** Starts a load and waits until it is held. */
export async function held(lab: Lab, request: LoadRequest): Promise<Held> {
  return heldIn(await lab.start('loadTable', [request]), lab, request);
}

/** Waits until a run holds a load. */
export async function heldIn(handle: WorkflowHandle, lab: Lab, request: LoadRequest): Promise<Held> {
  const load = await waiting(handle);
  const table = request.into.replaceAll('-', '_');
  return {
    handle,
    request,
    table,
    load,
    decide: (input) =>
      handle.executeUpdate<Required<VerdictInput>, [VerdictInput]>('verdict', {
        args: [{ by: 'ann', reason: 'known fault', ...input } as VerdictInput],
      }),
    result: () => handle.result() as Promise<LoadReceipt>,
    steps: async () =>
      activitiesOf(await fetchHistory(lab.client, handle.workflowId))
        .map((a) => a.type.replace('loadline.', ''))
        .join(' '),
    ids: async () => (await lab.rows<{ id: number }>(`SELECT id FROM ${table} ORDER BY 1`)).map(({ id }) => id),
  };
}

/** Waits until a run has a load that waits; fails with the run, should that end first. */
export async function waiting(handle: WorkflowHandle): Promise<HeldLoad> {
  let over: unknown;
  handle.result().then(
    (result: unknown) => (over = new Error(`not held: ${JSON.stringify(result)}`)),
    (error: unknown) => (over = error),
  );
  for (;;) {
    if (over) throw over;
    const found = (await handle.query<HeldLoad[]>('heldLoads').catch(() => [])).find(({ given }) => !given);
    if (found) return found;
    await new Promise((done) => setTimeout(done, 50));
  }
}
