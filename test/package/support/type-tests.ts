import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

const files = {
  'tsconfig.json': JSON.stringify({
    compilerOptions: {
      strict: true,
      module: 'node16',
      target: 'es2022',
      types: ['node'],
      noEmit: true,
      skipLibCheck: true,
    },
  }),
  'types.ts': `
import { defineConfig, localFiles, type ContractName, type StoreName } from 'loadline';
import { audit, day, extract, files, load, open, publish, stage } from 'loadline/workflows';

export const contract: ContractName = 'orders';
export const store: StoreName = 'raw';
// @ts-expect-error no such contract
export const noContract: ContractName = 'order';
// @ts-expect-error no such store
files('rwa', '*.csv');

const request = { pipeline: 'p', mode: 'merge', from: files('raw', '*.csv') } as const;
export const right = () => load({ ...request, into: 'orders' });
// @ts-expect-error no such contract
export const wrong = () => load({ ...request, into: 'order' });
// @ts-expect-error no such mode
export const noMode = () => load({ ...request, into: 'orders', mode: 'upsert' });
// @ts-expect-error partitions belong to replace-partition
export const noPartitions = () => load({ ...request, into: 'orders', partitions: ['2026-11-22'] });
// @ts-expect-error a store has a root
defineConfig({ warehouses: {}, stores: { raw: localFiles({}) }, contracts: [] });

export async function steps() {
  const opened = await open({ ...request, into: 'orders', interval: day('2026-11-22') });
  if ('outcome' in opened) return opened;
  const batch = await extract(opened);
  if ('outcome' in batch) return batch;
  const staged = await stage(opened, batch);
  // @ts-expect-error what was not audited is not published
  await publish(opened, [staged]);
  // @ts-expect-error nothing is not published
  await publish(opened, []);
  return publish(opened, [await audit(opened, staged)]);
}`,
  'esm.mts': `
import { defineContract } from 'loadline';
import { loadline } from 'loadline/workers';
import { createClient } from 'loadline/client';
export const all = [defineContract, loadline, createClient];`,
};

/** Adds to a project what must compile, and what must not, by its own comments. */
export async function typeTests(project: string): Promise<void> {
  for (const [path, text] of Object.entries(files)) await writeFile(join(project, path), text);
}
