import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { loadErrorOf, type LoadFailure } from '../../../workflows/load-error';

const folders: string[] = [];

/** A folder that holds these files. */
export function project(files: Readonly<Record<string, string>>): string {
  const dir = mkdtempSync(path.join(tmpdir(), 'loadline-config-'));
  folders.push(dir);
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(path.dirname(path.join(dir, name)), { recursive: true });
    writeFileSync(path.join(dir, name), text);
  }
  return dir;
}

/** Removes the folders of all projects. */
export function removeProjects(): void {
  for (const dir of folders.splice(0)) rmSync(dir, { recursive: true, force: true });
}

/** The Loadline failure that a piece of work ends with. */
export async function failureOf(work: () => unknown): Promise<LoadFailure> {
  try {
    await work();
  } catch (error) {
    const failure = loadErrorOf(error);
    if (failure) return failure;
    throw error;
  }
  throw new Error('nothing failed');
}

/** A configuration file with one warehouse, one store, and more. */
export const configText = (more = '', warehouse = "url: env('TEST_DATABASE_URL')"): string => `
import { defineConfig, env, localFiles, postgres } from 'loadline';
export default defineConfig({
  warehouses: { main: postgres({ ${warehouse} }) },
  stores: { raw: localFiles({ root: './data' }) },
  contracts: [],
  ${more}
});`;
