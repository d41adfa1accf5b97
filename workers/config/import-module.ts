import { createRequire } from 'node:module';
import path from 'node:path';
import { createJiti } from 'jiti';

/** What a module exports, by name. */
export type ModuleExports = Readonly<Record<string, unknown>>;

/** Imports a TypeScript or JavaScript module of the user, whatever its module system. */
export async function importModule(file: string): Promise<ModuleExports> {
  const jiti = createJiti(file, { alias: ownPackage(file) });
  return jiti.import<ModuleExports>(file);
}

/** A configuration may import `loadline` even where only this copy is installed, as with `npx loadline`. */
function ownPackage(file: string): Record<string, string> {
  try {
    createRequire(file).resolve('loadline');
    return {};
  } catch {
    return { loadline: path.join(__dirname, '..', '..', 'workflows', 'root') };
  }
}
