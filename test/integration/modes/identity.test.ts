import { writeFile } from 'node:fs/promises';
import { fetchHistory, stepsOf } from '../support/history';
import { codeOf } from '../support/failures';
import { backdate, openLab, untilSettled, type Lab } from '../support/lab';
import { dayOf, raw } from '../support/source';

let lab: Lab;
beforeAll(async () => {
  lab = await openLab('identity');
});
afterAll(() => lab.stop());

const columns = { id: { type: 'integer' }, name: { type: 'text' } } as const;
const steps = async (workflowId: string): Promise<string> => stepsOf(await fetchHistory(lab.client, workflowId));

test('a source that is as its listing was is known without a byte of it being read', async () => {
  const into = lab.contract({ name: 'still', columns, create: 'if-missing' });
  await lab.file('still/a.csv', 'id,name\n1,a\n');
  await untilSettled(lab.path('still/a.csv'));
  const request = {
    pipeline: 'still',
    into,
    mode: 'append',
    from: raw('still/*.csv'),
    interval: dayOf('2026-01-01'),
  } as const;
  const first = await lab.load(request, { workflowId: 'still-1' });
  expect(await steps('still-1')).toBe('openLoad extract stage audit publish');
  expect(await lab.load(request, { workflowId: 'still-2' })).toEqual({ ...first, outcome: 'already-loaded' });
  expect(await steps('still-2')).toBe('openLoad');

  // Read in another way it is other rows, although no file has changed.
  const other = { ...request, from: raw('still/*.csv', { csv: { nullText: 'a' } }) };
  expect(await codeOf(lab.load(other))).toBe('BatchChanged');
});

test('a file that was touched is known again by its content, and the next time by its listing', async () => {
  const into = lab.contract({ name: 'touched', columns, create: 'if-missing' });
  await lab.file('touched/a.csv', 'id,name\n1,a\n');
  const request = {
    pipeline: 'touched',
    into,
    mode: 'append',
    from: raw('touched/*.csv'),
    interval: dayOf('2026-01-01'),
  } as const;
  await lab.load(request);
  await backdate(lab.path('touched/a.csv'));
  await untilSettled(lab.path('touched/a.csv'));
  expect((await lab.load(request, { workflowId: 'touched-2' })).outcome).toBe('already-loaded');
  expect(await steps('touched-2')).toBe('openLoad extract');
  expect((await lab.load(request, { workflowId: 'touched-3' })).outcome).toBe('already-loaded');
  expect(await steps('touched-3')).toBe('openLoad');
});

test('an edit that keeps size and time is seen', async () => {
  const into = lab.contract({ name: 'edited', columns, create: 'if-missing' });
  await lab.file('edited/a.csv', 'id,name\n1,a\n');
  await backdate(lab.path('edited/a.csv'));
  await untilSettled(lab.path('edited/a.csv'));
  const request = {
    pipeline: 'edited',
    into,
    mode: 'append',
    from: raw('edited/*.csv'),
    interval: dayOf('2026-01-01'),
  } as const;
  await lab.load(request);
  await writeFile(lab.path('edited/a.csv'), 'id,name\n1,b\n');
  await backdate(lab.path('edited/a.csv'));
  expect(await codeOf(lab.load(request))).toBe('BatchChanged');
  await untilSettled(lab.path('edited/a.csv'));
  expect(await codeOf(lab.load(request))).toBe('BatchChanged');
  expect(await lab.rows('SELECT name FROM edited')).toEqual([{ name: 'a' }]);
});

test('files that were renamed or split differently are the same content only as a whole', async () => {
  const into = lab.contract({ name: 'moved', columns, create: 'if-missing' });
  const request = (glob: string) =>
    ({ pipeline: 'moved', into, mode: 'append', from: raw(glob), interval: dayOf('2026-01-01') }) as const;
  await lab.file('moved/1/a.csv', 'id,name\n1,a\n');
  await lab.file('moved/1/b.csv', 'id,name\n2,b\n');
  await lab.file('moved/2/x.csv', 'id,name\n2,b\n');
  await lab.file('moved/2/y.csv', 'id,name\n1,a\n');
  await lab.file('moved/3/x.csv', 'id,name\n2,b\n1,a\n');
  await lab.load(request('moved/1/*.csv'));
  expect((await lab.load(request('moved/2/*.csv'))).outcome).toBe('already-loaded');
  expect(await codeOf(lab.load(request('moved/3/*.csv')))).toBe('BatchChanged');
  expect(await codeOf(lab.load(request('moved/1/a.csv')))).toBe('BatchChanged');
});

test('two spellings of one table are one target', async () => {
  const full = lab.contract({ name: 'spelled', table: 'main/public.spelled', columns, create: 'if-missing' });
  const short = lab.contract({ name: 'spelled-short', table: 'main/spelled', columns, create: 'if-missing' });
  await lab.file('spelled/a.csv', 'id,name\n1,a\n');
  const first = await lab.load({ pipeline: 'spelled', into: full, mode: 'append', from: raw('spelled/*.csv') });
  const second = await lab.load({ pipeline: 'other', into: short, mode: 'append', from: raw('spelled/*.csv') });
  expect(second).toMatchObject({ outcome: 'already-loaded', loadId: first.loadId });
});
