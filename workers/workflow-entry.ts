import { createHash } from 'node:crypto';
import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const marker = 'loadline-workflow-entry';

/** The module of the ready workflows. */
export const readyWorkflowsPath = require.resolve('../workflows/ready');

/**
 * A module that exports the user's workflows and Loadline's ready ones, for Temporal's bundler. Where both have a name,
 * Loadline's stands: it is what `export { loadTable } from 'loadline/workflows'` would give.
 */
export function workflowEntry(workflowsPath: string | undefined): string {
  if (workflowsPath === undefined) return readyWorkflowsPath;
  if (workflowsPath === readyWorkflowsPath || workflowsPath.includes(marker)) return workflowsPath;
  const source = [
    `export * from ${JSON.stringify(workflowsPath)};`,
    `export { loadTable } from ${JSON.stringify(readyWorkflowsPath)};`,
    '',
  ].join('\n');
  const folder = join(tmpdir(), `${marker}-${process.getuid?.() ?? 0}`);
  const file = join(folder, `${createHash('sha256').update(source).digest('hex').slice(0, 16)}.js`);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  // Renamed into place: another worker may be bundling from the same file.
  writeFileSync(`${file}.${process.pid}`, source);
  renameSync(`${file}.${process.pid}`, file);
  return file;
}
