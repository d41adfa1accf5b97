import { forgetAttempts, anyone, loseAnswer } from '../protocol/support/gate';
import { codeOf } from '../support/failures';
import { activitiesOf, fetchHistory } from '../support/history';
import { openLab, type Lab } from '../support/lab';
import { countsOf } from '../support/receipts';
import { raw } from '../support/source';

let lab: Lab;
beforeAll(async () => {
  lab = await openLab('tried_again');
});
afterEach(forgetAttempts);
afterAll(() => lab.stop());

async function prepared(name: string, severity: 'quarantine' | 'fail') {
  const into = lab.contract({
    name,
    columns: { id: { type: 'integer' }, amount: { type: 'integer', range: { min: 0 }, severity } },
    checks: [{ name: 'even', sql: 'amount % 2 = 0', severity }],
    create: 'if-missing',
    hold: false,
  });
  await lab.file(`${name}.csv`, 'id,amount\n1,2\n2,-2\n3,3\n');
  return { pipeline: name, into, mode: 'append', from: raw(`${name}.csv`) } as const;
}

const audits = async (workflowId: string) =>
  activitiesOf(await fetchHistory(lab.client, workflowId))
    .filter(({ type }) => type === 'loadline.audit')
    .map(({ attempt, outcome }) => ({ attempt, outcome }));

test('checks that could not be made are made again, and find what they would have found', async () => {
  const request = await prepared('lost', 'quarantine');
  loseAnswer(anyone, 'stage:count');
  const { tables } = await lab.load(request, { workflowId: 'lost' });
  expect(countsOf(tables[0])).toEqual({ read: 3, quarantined: 2, inserted: 1 });
  expect(await audits('lost')).toEqual([{ attempt: 2, outcome: 'completed' }]);
});

test('checks that have failed are not made again', async () => {
  const request = await prepared('failed', 'fail');
  expect(await codeOf(lab.load(request, { workflowId: 'failed' }))).toBe('OutOfRange');
  expect(await audits('failed')).toEqual([{ attempt: 1, outcome: 'failed' }]);
});
