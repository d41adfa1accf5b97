import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** A fenced block of a README. */
export interface Block {
  readonly language: string;
  readonly text: string;
  /** The file that the sentence before it names. */
  readonly file?: string;
}

/** The fenced blocks under a heading, as they are written. */
export function blocksUnder(heading: string, file: string): Block[] {
  const [, section] = readFileSync(file, 'utf8').split(`\n## ${heading}\n`);
  if (section === undefined) throw new Error(`${file} has no heading "${heading}"`);
  const text = section.split(/\n## /)[0] ?? '';
  return [...text.matchAll(/(?:`([^`\n]+\.\w+)`:\n\n)?^```(\w*)\n([\s\S]*?)^```$/gm)].map(
    ([, file, language = '', text = '']) => ({ language, text, ...(file && { file }) }),
  );
}

/** Writes the blocks that name a path, in a comment or in the sentence before, to these paths: as they stand there. */
export function writeFiles(blocks: readonly Block[], folder: string): string[] {
  return blocks.flatMap(({ text, file }) => {
    const path = file ?? /^(?:\/\/|#) (\S+\.\w+)\n/.exec(text)?.[1];
    if (path === undefined) return [];
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
    return [path];
  });
}

/** The commands of the shell blocks, one a line, without comments. */
export function commandsIn(blocks: readonly Block[]): string[] {
  const lines = blocks.filter(({ language }) => language === 'sh').flatMap(({ text }) => text.split('\n'));
  return lines.map((line) => line.replace(/\s+#.*$/, '').trim()).filter(Boolean);
}
