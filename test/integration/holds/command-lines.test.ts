import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { services } from '../../services/services';
import { until } from '../../crash/support/until';
import { openLab, type Lab } from '../support/lab';
import { findTemporalCli } from '../../../workers/embedded/temporal-cli';
import { faulty, held } from './support/held';

// What the documentation and the Temporal UI tell an operator to type, typed.

const guide = join(__dirname, '../../../docs/data-quality.md');
const documentedId = 'v1/orders/shop.public.orders/2026-11-22..2026-11-23';

let lab: Lab;
let bin: string;
beforeAll(async () => {
  [lab, bin] = await Promise.all([openLab('lines'), mkdtemp(join(tmpdir(), 'loadline-bin-'))]);
  await symlink((await findTemporalCli()).path, join(bin, 'temporal'));
});
afterAll(async () => {
  await lab.stop();
  await rm(bin, { recursive: true });
});

async function shell(line: string): Promise<string> {
  const PATH = `${bin}${delimiter}${process.env['PATH']}`;
  const env = { PATH, HOME: bin, TEMPORAL_ADDRESS: services().temporalAddress };
  return (await promisify(execFile)('sh', ['-ec', line], { env })).stdout;
}

/** The lines of the guide's blocks that begin so, about another workflow. */
async function documented(begin: string, workflowId: string): Promise<string> {
  const blocks = (await readFile(guide, 'utf8')).match(/(?<=```sh\n)[^]*?(?=```)/g) ?? [];
  const found = blocks.filter((block) => block.startsWith(begin));
  expect(found).toHaveLength(1);
  return found[0]!.replaceAll(documentedId, workflowId);
}

test('the documented lines tell what is held', async () => {
  const load = await held(lab, await faulty(lab, 'asked'));
  const lines = await documented('temporal workflow list', load.handle.workflowId);
  expect(lines).toContain('--type heldLoads');
  // The list is of the visibility store, which is a moment behind.
  const told = await until('the held load in the list', async () => {
    const output = await shell(lines);
    return output.includes(load.handle.workflowId) && output;
  });
  expect(told).toContain(`"loadKey":"${load.load.loadKey}"`);
  expect(told).toContain('1 of 3 rows that break it');
  await load.decide({ verdict: 'reject' });
  await load.result();
});

test('the documented line gives the verdict', async () => {
  const load = await held(lab, await faulty(lab, 'typed'));
  await shell(await documented('temporal workflow update execute', load.handle.workflowId));
  expect(await load.result()).toMatchObject({
    outcome: 'loaded',
    verdict: { verdict: 'quarantine', by: 'ann', reason: 'refunds of the old shop' },
  });
  expect(await load.ids()).toEqual([1, 3]);
});

test('the line that the Temporal UI shows beside a held load gives a verdict that sets the bad rows aside', async () => {
  const load = await held(lab, await faulty(lab, 'shown'));
  const told = await shell(`temporal workflow metadata --workflow-id '${load.handle.workflowId}'`);
  const line = /temporal workflow update execute .*/.exec(told)?.[0];
  expect(line).toContain(load.handle.workflowId);
  await shell(line!);
  expect((await load.result()).verdict).toMatchObject({ verdict: 'quarantine', by: 'me' });
});
