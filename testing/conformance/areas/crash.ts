import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { dieOf } from '../crash-process';
import type { Passing } from '../harness';
import type { Suite } from '../suite';
import { carry } from '../support/carry';
import type { Ground } from '../support/ground';

interface Death extends Passing {
  readonly what: string;
  readonly step: 'open' | 'stage 0' | 'publish';
}

const deaths: readonly Death[] = [
  { what: 'before its claim is committed', step: 'open', moment: 'before', point: 'commit' },
  { what: 'after its claim is committed, before anybody is told', step: 'open', moment: 'after', point: 'commit' },
  { what: 'as the stage is filled', step: 'stage 0', moment: 'before', point: 'copy' },
  { what: 'after the stage is committed, before anybody is told', step: 'stage 0', moment: 'after', point: 'commit' },
  { what: 'in publish, once it has the lock', step: 'publish', moment: 'after', point: 'lock' },
  { what: 'in publish, once rows are written', step: 'publish', moment: 'after', point: 'write' },
  { what: 'in publish, once the receipt is written', step: 'publish', moment: 'after', point: 'ledger' },
  { what: 'in publish, before COMMIT', step: 'publish', moment: 'before', point: 'commit' },
  { what: 'after COMMIT, before anybody is told', step: 'publish', moment: 'after', point: 'commit' },
];
const rows = 300;

/** Processes that are killed, and the attempt that comes after. */
export function crash(suite: Suite): void {
  const { module } = suite.options;
  suite.area('a process that is killed', () => {
    for (const death of deaths)
      suite.test('crash', `${death.what}: the next attempt loads the rows once`, (ground) => survives(ground, death, module!), ['processes', `stop at ${death.point}`]); // prettier-ignore
  });
}

async function survives(ground: Ground, death: Death, module: string): Promise<void> {
  // Without a key nothing but the protocol keeps rows from coming twice.
  const table = ground.table({ key: [] });
  await carry(ground.run(), table.csv('append', ['0,before,'], { day: 1 }));
  const lines = Array.from({ length: rows }, (_, i) => `${i + 1},v${i},`);
  const request = table.csv('append', lines, { day: 2 });
  const workflowId = `killed ${table.name}`;
  const journal = join(ground.folder, `${table.name}.json`);
  const { step, moment, point } = death;
  const task = { place: ground.harness.place, folder: ground.folder, contracts: [table.contract], requests: [request] };
  await dieOf({ ...task, workflowId, at: { step, moment, point }, journal }, module);

  const steps = existsSync(journal) ? (JSON.parse(readFileSync(journal, 'utf8')) as Record<string, unknown>) : {};
  assert.ok(!(step in steps), `the step ${step} has ended`);
  const retry = ground.run({ workflowId, attempt: 2 });
  const receipt = await carry(retry, request, { steps, save: () => undefined });
  assert.deepEqual([receipt.outcome, receipt.tables[0]!.inserted], ['loaded', rows]);
  const found = await table.rows(['id']);
  assert.deepEqual([found.length, new Set(found.map(([id]) => id)).size], [rows + 1, rows + 1]);
  assert.equal((await carry(ground.run(), request)).outcome, 'already-loaded');
  await ground.warehouse.sweep(async (id) => id === workflowId);
  assert.deepEqual((await ground.warehouse.show(receipt.loadKey)).stages, []);
}
