import { activitiesOf, fetchHistory } from '../support/history';
import { openLab, type Lab } from '../support/lab';
import { day } from './support/bench';
import { anyone, forgetAttempts, gate, loseAnswer } from './support/gate';
import type { LoadReceipt } from '../../../workflows/contract';

let lab: Lab;
beforeAll(async () => {
  lab = await openLab('protocol');
});
afterAll(() => lab.stop());
afterEach(forgetAttempts);

const columns = { id: { type: 'bigint' }, v: { type: 'text' } };

async function started(name: string, interval = true) {
  const into = lab.contract({ name, columns, create: 'if-missing' });
  const glob = await lab.file(`${name}.csv`, 'id,v\n1,x\n2,y\n');
  const request = {
    pipeline: name,
    into,
    mode: 'append',
    from: { kind: 'files', store: 'raw', glob },
    ...(interval && { interval: day(1) }),
  };
  const handle = await lab.start('loadTable', [request]);
  return {
    handle,
    result: () => handle.result() as Promise<LoadReceipt>,
    steps: async () =>
      activitiesOf(await fetchHistory(lab.client, handle.workflowId))
        .map((a) => a.type.replace('loadline.', ''))
        .join(' '),
    rows: () => lab.rows(`SELECT id, v FROM public.${name} ORDER BY 1`),
  };
}
const both = [
  { id: '1', v: 'x' },
  { id: '2', v: 'y' },
];

test('a stage that is lost between audit and publish is made again by the workflow', async () => {
  const publishing = gate(anyone, 'before', 'publish:lock');
  const load = await started('lost_stage');
  await publishing.reached;
  const [stage] = await lab.rows<{ stage: string }>('SELECT stage FROM _loadline.stages');
  await lab.rows(`TRUNCATE ${stage!.stage}`);
  publishing.open();
  expect((await load.result()).outcome).toBe('loaded');
  expect(await load.steps()).toBe('openLoad extract stage audit publish stage audit publish');
  expect(await load.rows()).toEqual(both);
});

test('files that another load brings meanwhile are left out when the workflow extracts again', async () => {
  const publishing = gate(anyone, 'before', 'publish:lock');
  const load = await started('overlap', false);
  await publishing.reached;
  // The second one is not stopped: a gate stops once.
  const other = await lab.load({
    pipeline: 'overlap_other',
    into: 'overlap',
    mode: 'append',
    from: { kind: 'files', store: 'raw', glob: 'overlap.csv' },
  });
  publishing.open();
  expect(await load.result()).toMatchObject({ outcome: 'already-loaded', loadId: other.loadId });
  expect(await load.steps()).toBe('openLoad extract stage audit publish extract');
  expect(await load.rows()).toEqual(both);
});

test('a run that is cancelled while its COMMIT has no answer ends with the receipt', async () => {
  const committing = gate(anyone, 'after', 'publish:ledger');
  const load = await started('settled');
  await committing.reached;
  loseAnswer(anyone, 'commit');
  await load.handle.cancel();
  committing.open();
  expect((await load.result()).outcome).toBe('loaded');
  expect(await load.rows()).toEqual(both);
});
