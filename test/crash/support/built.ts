import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bundleWorkflowCode } from '@temporalio/worker';

const root = join(__dirname, '..', '..', '..');
let bundle: Promise<string> | undefined;

/** The built package is what worker processes run; returns the file of a workflow bundle made from it. */
export function builtBundle(): Promise<string> {
  return (bundle ??= make());
}

async function make(): Promise<string> {
  if (isStale()) build();
  const { code } = await bundleWorkflowCode({
    workflowsPath: join(root, 'dist', 'workflows', 'ready.js'),
    workflowInterceptorModules: [join(__dirname, 'short-timeouts.js')],
    logger: quiet,
  });
  const folder = join(tmpdir(), `loadline-crash-bundles-${process.getuid?.() ?? 0}`);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  // By content, so that what is left behind does not grow with every run.
  const file = join(folder, `${createHash('sha256').update(code).digest('hex').slice(0, 24)}.js`);
  if (existsSync(file)) return file;
  writeFileSync(`${file}.${process.pid}`, code);
  renameSync(`${file}.${process.pid}`, file);
  return file;
}

/** Whether a source of the worker is newer than what was built from it. */
function isStale(): boolean {
  return ['workflows', 'activities', 'workers'].some((part) => newer(join(root, part), join(root, 'dist', part)));
}

function newer(sources: string, built: string): boolean {
  return readdirSync(sources, { withFileTypes: true }).some((entry) => {
    if (entry.isDirectory()) return newer(join(sources, entry.name), join(built, entry.name));
    if (!entry.name.endsWith('.ts') || entry.name.endsWith('.d.ts')) return false;
    const output = join(built, entry.name.replace(/\.ts$/, '.js'));
    return !existsSync(output) || statSync(output).mtimeMs < statSync(join(sources, entry.name)).mtimeMs;
  });
}

/** Not in shell: the compiler itself, incrementally. */
function build(): void {
  execFileSync(process.execPath, [require.resolve('typescript/bin/tsc'), '-b', 'workers'], {
    cwd: root,
    stdio: 'pipe',
  });
}

const nothing = (): void => undefined;
const quiet = { log: nothing, trace: nothing, debug: nothing, info: nothing, warn: nothing, error: nothing };
