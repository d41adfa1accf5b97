import { didYouMean } from '../../activities/contracts/did-you-mean';
import { ownVersion } from '../own-package';
import { findingsOf, type Findings } from '../reports/findings';
import { writeFiles } from '../reports/write-reports';
import { UsageError } from '../usage-error';
import { isInUse, platforms, vendoredFiles, type Vendored, type VendoredState } from './vendored';

/** The vendored files of every platform that the repository uses. @throws `UsageError` if it uses none */
export function vendoredHere(folder = '.'): readonly Vendored[] {
  const files = platforms.filter((one) => isInUse(one, folder)).flatMap((one) => vendoredFiles(one, folder));
  if (files.length > 0) return files;
  throw new UsageError(
    'This repository has no templates of Loadline.',
    'Run `loadline ci init gitlab` or `loadline ci init github` at its root.',
  );
}

const told: Readonly<Record<Exclude<VendoredState, 'current'>, (file: Vendored) => string>> = {
  missing: () => 'It is gone. `loadline ci sync` writes it.',
  older: ({ version }) =>
    `It is of loadline ${version}; installed is ${ownVersion()}. \`loadline ci sync\` brings it up to date.`,
  edited: () => 'It was edited by hand. Say what you need by inputs, and `loadline ci sync --force` restores it.',
  foreign: () => 'It was not written by Loadline. `loadline ci sync --force` replaces it.',
};

/** What differs from the installed version, as findings. */
export function driftFindings(files: readonly Vendored[]): Findings {
  const drifted = files.filter(({ state }) => state !== 'current');
  return findingsOf({
    tool: 'loadline ci check',
    toolVersion: ownVersion(),
    subject: 'templates',
    at: new Date().toISOString(),
    counts: { files: files.length },
    findings: drifted.map((one) => ({
      id: `template.${one.state}.${one.file}`,
      level: 'error',
      title: `${one.file} is ${one.state}`,
      message: told[one.state as Exclude<VendoredState, 'current'>](one),
      file: one.file,
      line: 1,
    })),
    passed: files
      .filter(({ state }) => state === 'current')
      .map(({ file }) => ({ id: `template.${file}`, title: `${file} is that of the installed version` })),
  });
}

/** What `loadline ci sync` did. */
export interface CiSync {
  readonly written: readonly string[];
  /** Hand edits, which keep everything as it is. */
  readonly refused: readonly string[];
}

/** Brings vendored files to the installed version: all of them, or none where a hand edit would be lost. */
export async function syncCi(files: readonly Vendored[], force: boolean, folder = '.'): Promise<CiSync> {
  const stale = files.filter(({ state }) => state !== 'current');
  const refused = stale.filter(({ state }) => state === 'edited' || state === 'foreign').map(({ file }) => file);
  if (refused.length > 0 && !force) return { written: [], refused };
  await writeFiles(new Map(stale.map(({ file, content }) => [`${folder}/${file}`, content])));
  return { written: stale.map(({ file }) => file), refused: [] };
}

/** The one of these that a word names. @throws `UsageError` */
export function choice<T extends string>(what: string, word: string, choices: readonly T[]): T {
  const found = choices.find((one) => one === word);
  if (found !== undefined) return found;
  throw new UsageError(`There is no ${what} "${word}".`, didYouMean(word, choices));
}
