import { existsSync } from 'node:fs';
import path from 'node:path';
import type { Command } from 'commander';
import { nearest } from '../../activities/contracts/did-you-mean';
import { loadErrorCodes, loadErrors, takenBack, type LoadErrorCode } from '../../workflows/load-error-code';
import { shortPath } from '../../workers/config/short-path';
import { exitCodes, type ExitCode } from '../exit-code';
import { fields, paint, type Field, type Terminal } from '../terminal';
import { UsageError } from '../usage-error';
import type { RunBody } from '../cli-context';

/** Declares `explain`. */
export function addExplain(program: Command, run: RunBody): void {
  program
    .command('explain')
    .argument('[code]', 'an error code, such as BatchChanged')
    .description('tell what an error code means and what to do; without a code, list all')
    .action((code: string | undefined) =>
      run(async ({ terminal }) => (code === undefined ? listCodes(terminal) : explain(code, terminal))),
    );
}

function explain(asked: string, terminal: Terminal): ExitCode {
  const code = codeOf(asked);
  const { meaning, retry, remedy } = loadErrors[code];
  const page = pageOf(code);
  terminal.result({ code, meaning, retry, remedy, ...(page ? { page } : {}) }, (columns) => {
    const facts: readonly Field[] = [['means', meaning], ['retry', retryText(code)], ['remedy', remedy], ['more', page]]; // prettier-ignore
    return [paint.bold(code), fields(facts, '  ', columns)].join('\n');
  });
  return exitCodes.ok;
}

/** Where the code's page is, with an example of its message; the package brings it. */
function pageOf(code: LoadErrorCode): string | undefined {
  const pages = ['../..', '../../..'].map((up) => path.join(__dirname, up, 'docs', 'errors', `${code}.md`));
  const page = pages.find((candidate) => existsSync(candidate));
  return page === undefined ? undefined : shortPath(page);
}

function listCodes(terminal: Terminal): ExitCode {
  const codes = loadErrorCodes.map((code) => ({ code, ...loadErrors[code] }));
  terminal.result({ codes }, (columns) => fields(codes.map(({ code, meaning }) => [code, meaning]), '', columns)); // prettier-ignore
  return exitCodes.ok;
}

function codeOf(asked: string): LoadErrorCode {
  const found = loadErrorCodes.find((code) => code.toLowerCase() === asked.toLowerCase());
  if (found) return found;
  const near = nearest(asked, loadErrorCodes);
  const remedy = near ? `Did you mean "${near}"?` : 'Run `loadline explain` for the list.';
  throw new UsageError(`There is no error code "${asked}".`, remedy);
}

/** Whether a code is tried again, in words. */
export function retryText(code: LoadErrorCode): string {
  const { retry } = loadErrors[code];
  if (takenBack.includes(code)) return 'by the workflow, which goes back to an earlier step, up to ten times';
  if (retry === 'few') return 'a few times, since nobody knows whether it helps';
  return retry ? 'by itself, until it succeeds' : 'never: trying again would fail again';
}
