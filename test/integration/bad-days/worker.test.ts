import { execFileSync } from 'node:child_process';
import { mkdir, rm, unlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { commitGate, makeGate, stageGate, type Gate } from '../support/gate';
import { failureOf } from '../support/failures';
import { fetchHistory, stepsOf } from '../support/history';
import { backdate, openLab, type Lab } from '../support/lab';
import { raw } from '../support/source';
import type { LoadReceipt } from '../../../workflows/contract';
import { expectHealed } from './support/healing';

const marker = 'S3CRET-VALUE';
const columns = { id: { type: 'integer' }, name: { type: 'text' } } as const;

let lab: Lab;
let gate: Gate;
beforeAll(async () => {
  lab = await openLab('bad_worker', { tune: { lockTimeoutMs: 5_000 } });
  gate = await makeGate(lab);
});
afterAll(async () => {
  await gate.end();
  await lab.stop();
});

async function loadOf(name: string, rows = `1,${marker}\n`) {
  const into = lab.contract({ name, columns, create: 'if-missing' });
  await lab.file(`${name}/a.csv`, `id,name\n${rows}`);
  return { pipeline: name, into, mode: 'append' as const, from: raw(`${name}/*.csv`) };
}

/** Only root may make a file system. */
(process.getuid?.() === 0 ? test : test.skip)('a worker whose state folder is full is waited for', async () => {
  const request = await loadOf('full');
  const disk = join(lab.stateDir, 'batches');
  await mkdir(disk, { recursive: true });
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'loadline', disk]);
  try {
    await writeFile(join(disk, 'filling'), Buffer.alloc(65_536)).catch(() => undefined);
    const mend = () => unlink(join(disk, 'filling'));
    const says = [disk, 'ENOSPC', 'Free space'];
    await expectHealed(lab, { request, code: 'WorkerFull', says, hides: [marker], activity: 'extract', mend });
  } finally {
    execFileSync('umount', [disk]);
  }
  expect(await lab.rows('SELECT count(*)::int AS n FROM "full"')).toEqual([{ n: 1 }]);
});

test('a manifest that is gone, as on another worker, is extracted again', async () => {
  const request = await loadOf('moved_on');
  await lab.rows(commitGate('first_there'));
  const into = lab.contract({ name: 'first_there', columns });
  await gate.close();
  // Both are held between extract and stage of the second, by a set: the first target's stage comes before.
  await lab.rows('DROP TABLE first_there');
  await lab.rows(stageGate('first_there'));
  await lab.file('first_there/a.csv', 'id,name\n1,x\n');
  const first = { pipeline: 'moved_on', into, mode: 'append' as const, from: raw('first_there/*.csv') };
  const handle = await lab.start('loadTables', [[first, request]]);
  await gate.waiting();
  await rm(join(lab.stateDir, 'batches'), { recursive: true });
  await gate.open();
  expect(((await handle.result()) as LoadReceipt).outcome).toBe('loaded');
  const steps = stepsOf(await fetchHistory(lab.client, handle.workflowId));
  expect(steps).toBe('openLoad extract extract stage audit stage extract extract stage audit stage audit publish');
  expect(await lab.rows('SELECT count(*)::int AS n FROM moved_on')).toEqual([{ n: 1 }]);
});

describe('a source file, between extract and the end of stage,', () => {
  /** Holds a set in the stage of its first table, and does something to the file of its second. */
  async function whileStaging(name: string, work: (path: string) => Promise<unknown>) {
    const request = await loadOf(name, Array.from({ length: 1_000 }, (_, i) => `${i},${marker}\n`).join(''));
    await lab.rows(stageGate(`${name}_first`));
    const into = lab.contract({ name: `${name}_first`, columns });
    await lab.file(`${name}_first/a.csv`, 'id,name\n1,x\n');
    const first = { pipeline: name, into, mode: 'append' as const, from: raw(`${name}_first/*.csv`) };
    await gate.close();
    const handle = await lab.start('loadTables', [[first, request]]);
    await gate.waiting();
    await work(lab.path(`${name}/a.csv`));
    await gate.open();
    return handle;
  }
  const rowsOf = async (name: string) => lab.rows(`SELECT count(*)::int AS n, min(name) AS name FROM ${name}`);

  test('that is replaced is extracted again, and loaded as it is now', async () => {
    const handle = await whileStaging('replaced', (path) => writeFile(path, `id,name\n1,new\n`));
    expect(((await handle.result()) as LoadReceipt).outcome).toBe('loaded');
    expect(await rowsOf('replaced')).toEqual([{ n: 1, name: 'new' }]);
  });

  test('that is replaced by as many bytes at the same time is told by its content', async () => {
    const text = `id,name\n${Array.from({ length: 1_000 }, (_, i) => `${i},${marker.replace('S', 'T')}\n`).join('')}`;
    const handle = await whileStaging('same_size', async (path) => {
      await writeFile(path, text);
      await backdate(path);
    });
    expect(((await handle.result()) as LoadReceipt).outcome).toBe('loaded');
    expect(await rowsOf('same_size')).toEqual([{ n: 1_000, name: 'T3CRET-VALUE' }]);
  });

  test('that is truncated is extracted again', async () => {
    const handle = await whileStaging('truncated', (path) => writeFile(path, `id,name\n7,cut`));
    expect(((await handle.result()) as LoadReceipt).outcome).toBe('loaded');
    expect(await rowsOf('truncated')).toEqual([{ n: 1, name: 'cut' }]);
  });

  test('that is deleted fails the load, and nothing is loaded', async () => {
    const handle = await whileStaging('deleted', (path) => unlink(path));
    const failure = await failureOf(handle.result());
    expect(failure).toMatchObject({
      type: 'SourceNotFound',
      message: expect.stringContaining('deleted/a.csv') as string,
    });
    expect(await lab.rows('SELECT 1 FROM deleted_first')).toEqual([]);
    expect(await lab.leftStages()).toEqual([]);
  });
});
