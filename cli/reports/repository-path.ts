import { existsSync } from 'node:fs';
import path from 'node:path';

/** A path from the root of the repository, with slashes, as GitLab and GitHub count it wherever a step runs. */
export function inRepository(file: string): string {
  const whole = path.resolve(file);
  const from = path.relative(repositoryRoot(), whole);
  // What lies outside has no name in the repository.
  const named = from === '' || from.startsWith('..') || path.isAbsolute(from) ? path.basename(whole) : from;
  return named.split(path.sep).join('/');
}

function repositoryRoot(): string {
  const told = process.env['GITHUB_WORKSPACE'] || process.env['CI_PROJECT_DIR'];
  // Some runners name a folder that is not the one they work in.
  if (told && !path.relative(told, process.cwd()).startsWith('..')) return told;
  for (let folder = process.cwd(); ; folder = path.dirname(folder)) {
    if (existsSync(path.join(folder, '.git'))) return folder;
    if (folder === path.dirname(folder)) return process.cwd();
  }
}

/** What is named where a finding has no file of its own, and a reader wants one. */
const configuration = 'loadline.config.ts';

/** The file of a finding that must have one: its own, or that of everything that was looked at. */
export const fileOf = (finding: { readonly file?: string }, all: { readonly file?: string }): string =>
  inRepository(finding.file ?? all.file ?? configuration);
