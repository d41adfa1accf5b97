import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { positionInModule, type ContractPlace } from '../../activities/contracts';
import { shortPath } from './short-path';

/**
 * Where a contract is written that a module hands out: in the module, or in one that it imports by a relative path.
 * `part` says what the module calls it.
 */
export async function placeInModule(file: string, part: string, contract: unknown): Promise<ContractPlace> {
  // A program may hand over a configuration that is in no file.
  const text = await readFile(file, 'utf8').catch(() => '');
  const found = isIn(text, contract) ? { file, text } : await inImports(file, text, contract);
  if (!found) return { file: `${shortPath(file)} ${part}`, path: file };
  return {
    file: shortPath(found.file),
    part,
    path: found.file,
    locate: (parts) => positionInModule(found.text, contract, parts),
  };
}

const isIn = (text: string, contract: unknown): boolean => positionInModule(text, contract, []) !== '';

async function inImports(
  file: string,
  text: string,
  contract: unknown,
): Promise<{ file: string; text: string } | null> {
  for (const [, from] of text.matchAll(/\b(?:from|require\()\s*['"](\.[^'"\n]+)['"]/g)) {
    const base = path.resolve(path.dirname(file), from!);
    const stem = base.replace(/\.[mc]?js$/, '');
    for (const candidate of [base, ...endings.map((ending) => `${stem}${ending}`)]) {
      const imported = await readFile(candidate, 'utf8').catch(() => null);
      if (imported !== null && isIn(imported, contract)) return { file: candidate, text: imported };
    }
  }
  return null;
}

const endings = ['.ts', '.mts', '.cts', '.js', '.mjs', '.cjs', '/index.ts', '/index.js'];
