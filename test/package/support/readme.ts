import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** A fenced block of a README. */
export interface Block {
  readonly language: string;
  readonly text: string;
}

/** The fenced blocks under a heading, as they are written. */
export function blocksUnder(heading: string, file: string): Block[] {
  const [, section] = readFileSync(file, 'utf8').split(`\n## ${heading}\n`);
  if (section === undefined) throw new Error(`${file} has no heading "${heading}"`);
  const text = section.split(/\n## /)[0] ?? '';
  return [...text.matchAll(/^```(\w*)\n([\s\S]*?)^```$/gm)].map(([, language = '', text = '']) => ({ language, text }));
}

/** Writes the blocks that begin with a path in a comment to these paths. A CSV has no comments, so it loses the line. */
export function writeFiles(blocks: readonly Block[], folder: string): string[] {
  return blocks.flatMap(({ language, text }) => {
    const [line, path] = /^(?:\/\/|#) (\S+\.\w+)\n/.exec(text) ?? [];
    if (line === undefined || path === undefined) return [];
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), language === 'csv' ? text.slice(line.length) : text);
    return [path];
  });
}

/** The commands of the shell blocks, one a line, without comments. */
export function commandsIn(blocks: readonly Block[]): string[] {
  const lines = blocks.filter(({ language }) => language === 'sh').flatMap(({ text }) => text.split('\n'));
  return lines.map((line) => line.replace(/\s+#.*$/, '').trim()).filter(Boolean);
}
