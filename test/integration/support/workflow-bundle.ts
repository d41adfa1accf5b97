import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bundleWorkflowCode } from '@temporalio/worker';

const root = join(__dirname, '..', '..', '..');
export const testWorkflowsPath = join(__dirname, 'workflows.ts');

/** The bundle of the tests' workflows with the ready ones: made once for all test files, until a source changes. */
export async function workflowBundle(): Promise<{ code: string }> {
  const file = join(tmpdir(), `loadline-test-bundles-${process.getuid?.() ?? 0}`, `${sourcesHash()}.js`);
  if (existsSync(file)) return { code: readFileSync(file, 'utf8') };
  const bundle = await bundleWorkflowCode({ workflowsPath: testWorkflowsPath, logger: quiet });
  mkdirSync(join(file, '..'), { recursive: true, mode: 0o700 });
  writeFileSync(`${file}.${process.pid}`, bundle.code);
  renameSync(`${file}.${process.pid}`, file);
  return bundle;
}

function sourcesHash(): string {
  const hash = createHash('sha256').update(root);
  const folder = join(root, 'workflows');
  const sources = readdirSync(folder).filter((name) => name.endsWith('.ts'));
  const worker = join(root, 'node_modules', '@temporalio', 'worker', 'package.json');
  for (const file of [...sources.sort().map((name) => join(folder, name)), testWorkflowsPath, worker]) {
    hash.update(file).update(readFileSync(file));
  }
  return hash.digest('hex').slice(0, 24);
}

const nothing = (): void => undefined;
const quiet = { log: nothing, trace: nothing, debug: nothing, info: nothing, warn: nothing, error: nothing };
