import path from 'node:path';
import type { Finding, Findings } from './findings';

/** Findings as workflow commands, which GitHub turns into annotations of the lines in question. */
export function githubReport({ findings }: Findings): string {
  return findings.map((finding) => `${command(finding)}\n`).join('');
}

function command({ level, title, message, file, line, column }: Finding): string {
  const properties: Record<string, string | number | undefined> = {
    file: file === undefined ? undefined : inRepository(file),
    line,
    col: column,
    title,
  };
  const written = Object.entries(properties).flatMap(([name, value]) =>
    value === undefined ? [] : [`${name}=${property(String(value))}`],
  );
  return `::${level} ${written.join(',')}::${data(message)}`;
}

/** GitHub counts paths from the root of the repository, wherever the step runs. */
function inRepository(file: string): string {
  const root = process.env['GITHUB_WORKSPACE'];
  return root ? path.relative(root, path.resolve(file)).split(path.sep).join('/') : file;
}

const data = (text: string): string => text.replace(/%/g, '%25').replace(/\r/g, '%0D').replace(/\n/g, '%0A');
const property = (text: string): string => data(text).replace(/:/g, '%3A').replace(/,/g, '%2C');
