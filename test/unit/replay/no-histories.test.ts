import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runCli } from '../../../cli/program';
import type { Findings } from '../../../cli/reports/findings';

const folder = mkdtempSync(join(tmpdir(), 'loadline-no-histories-'));
afterAll(() => rmSync(folder, { recursive: true }));

test('no history at all is exit code 5, and its own finding', async () => {
  mkdirSync(join(folder, 'histories'));
  writeFileSync(join(folder, 'loadline.config.js'), 'module.exports = { warehouses: {}, stores: {}, contracts: [] };');
  let told = '';
  const stream = { write: (text: string) => void (told += text) };
  const args = ['replay', '--config', join(folder, 'loadline.config.js'), '--output', join(folder, 'out')];
  expect(await runCli(args, { stdout: stream, stderr: stream })).toBe(5);
  expect(told).toContain('NoHistories');
  const { findings } = JSON.parse(readFileSync(join(folder, 'out/findings.json'), 'utf8')) as Findings;
  expect(findings).toMatchObject([{ id: 'NoHistories', level: 'error' }]);
});
