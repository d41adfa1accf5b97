import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { Connection } from '@temporalio/client';
import { services } from '../../services/services';
import { openLab, type Lab } from '../support/lab';
import { raw } from '../support/source';

let lab: Lab;
beforeAll(async () => {
  const namespace = `bare-${randomUUID().slice(0, 8)}`;
  const connection = await Connection.connect({ address: services().temporalAddress });
  await connection.workflowService.registerNamespace({
    namespace,
    workflowExecutionRetentionPeriod: { seconds: 86_400 as never },
  });
  // A namespace is known everywhere some time after it was made.
  for (let tries = 0; ; tries++) {
    const known = await connection.workflowService.listWorkflowExecutions({ namespace }).then(
      () => true,
      () => false,
    );
    if (known || tries > 100) break;
    await sleep(100);
  }
  await connection.close();
  lab = await openLab('bare', { namespace });
});
afterAll(() => lab.stop());

test('in a namespace without the search attributes loads run, and set none', async () => {
  const columns = { id: { type: 'integer' }, name: { type: 'text' } } as const;
  const into = lab.contract({ name: 'bare', columns, create: 'if-missing' });
  await lab.file('bare/a.csv', 'id,name\n1,a\n2,b\n');
  const request = { pipeline: 'bare', into, mode: 'append', from: raw('bare/*.csv') } as const;
  const handle = await lab.start('loadTable', [request]);
  expect(await handle.result()).toMatchObject({ outcome: 'loaded' });
  expect(await handle.query('loadProgress')).toMatchObject([{ step: 'done', outcome: 'loaded' }]);
  const { searchAttributes } = await handle.describe();
  expect(Object.keys(searchAttributes).filter((name) => name.startsWith('Loadline'))).toEqual([]);

  await lab.file('bare/b.csv', 'id,name\nx,b\n');
  const failed = await lab.start('loadTable', [request]);
  await expect(failed.result()).rejects.toMatchObject({ cause: { cause: { type: 'InvalidValue' } } });
});
