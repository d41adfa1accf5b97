import { openLab, type Lab } from '../support/lab';
import { countsOf } from '../support/receipts';

let lab: Lab;
beforeAll(async () => { lab = await openLab('append'); });
afterAll(() => lab.stop());

test('append adds every row of new files once, whatever is loaded again', async () => {
  const into = lab.contract({ name: 'events', columns: { id: { type: 'bigint' }, what: { type: 'text' } }, create: 'if-missing' });
  await lab.file('events/a.csv', 'id,what\n1,one\n2,two\n');
  const request = { pipeline: 'events', into, mode: 'append', from: { kind: 'files', store: 'raw', glob: 'events/*.csv' } } as const;
  const receipt = await lab.load(request);
  expect(countsOf(receipt.tables[0])).toEqual({ read: 2, inserted: 2 });
  console.log(receipt, lab.logs.length);
});
