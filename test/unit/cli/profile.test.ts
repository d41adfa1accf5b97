import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseYamlContracts, validateContract } from '../../../activities/contracts';
import { importModule } from '../../../workers/config/import-module';
import type { Profile } from '../../../activities/profile';
import { loadline } from './streams';

let folder: string;
let file: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'loadline-profile-'));
  file = join(folder, 'Größen 2026.csv');
  const rows = [`Order ID;yes;Summe;"it's #1: ""odd"""`, '00123456;ja;1.234,50;geheim', '00123457;nein;2,75;'];
  await writeFile(file, rows.join('\n'));
});
afterAll(() => rm(folder, { recursive: true }));

async function profile(...args: string[]): Promise<string> {
  const { code, out, err } = await loadline('profile', file, ...args);
  expect({ code, err }).toEqual({ code: 0, err: '' });
  return out;
}

test('YAML, TypeScript and JSON say the same contract, and none says a value', async () => {
  const [yaml, typescript, json] = [await profile(), await profile('--typescript'), await profile('--json')];
  const { contract, source } = JSON.parse(json) as Profile;
  expect(contract).toEqual({
    name: 'groessen',
    table: 'analytics/public.groessen',
    columns: {
      order_id: { type: 'text', from: 'Order ID', notNull: true },
      yes: { type: 'boolean', format: 'ja/nein', notNull: true },
      summe: { type: 'decimal(12,2)', from: 'Summe', format: 'decimal-comma', notNull: true },
      it_s_1_odd: { type: 'text', from: 'it\'s #1: "odd"' },
    },
    key: ['order_id'],
    create: 'if-missing',
  });
  expect(source).toEqual({ csv: { delimiter: ';' } });
  const [written] = parseYamlContracts(yaml, 'proposed.yml');
  expect(validateContract(written!.value, written!.place)).toEqual(contract);
  await writeFile(join(folder, 'proposed.ts'), typescript);
  expect(await importModule(join(folder, 'proposed.ts'))).toMatchObject({ groessen: contract });
  for (const text of [yaml, typescript]) {
    expect(text).toContain("files(store, glob, { delimiter: ';' })");
    expect(text).toContain('digits with leading zeros');
  }
  expect([yaml, typescript, json].join('\n')).not.toMatch(/0012345|1\.234|2,75|geheim/);
});

test('what is known better is said: name, table, and how the file is written', async () => {
  const options = ['--name', 'sizes', '--table', 'main/dwh.sizes', '--delimiter', ';', '--no-header', '--json'];
  const { contract, source } = JSON.parse(await profile(...options)) as Profile;
  expect(contract).toMatchObject({ name: 'sizes', table: 'main/dwh.sizes' });
  expect(source).toEqual({ csv: { delimiter: ';', header: false } });
});
