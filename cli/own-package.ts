import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';

/** The folder of our own package.json, which lies one folder higher when this is built. */
function ownFolder(): string | undefined {
  const folders = ['..', path.join('..', '..')].map((up) => path.join(__dirname, up));
  return folders.find((folder) => existsSync(path.join(folder, 'package.json')));
}

/** The version in our own package.json. */
export function ownVersion(): string {
  const folder = ownFolder();
  if (folder === undefined) return 'unknown';
  return (JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8')) as { version: string }).version;
}

/** A file of the folder `templates` that comes with the package. */
export const templatePath = (file: string): string => path.join(ownFolder() ?? __dirname, 'templates', file);

/** A file of the folder `ci-templates` that comes with the package. */
export const ciTemplatePath = (file: string): string => path.join(ownFolder() ?? __dirname, 'ci-templates', file);
