import type { Command } from 'commander';
import { nearest } from '../../activities/contracts/did-you-mean';
import { loadErrorCodes, loadErrors, type LoadErrorCode } from '../../workflows/load-error-code';
import { exitCodes, type ExitCode } from '../exit-code';
import { fields, paint, type Terminal } from '../terminal';
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
  terminal.result(
    { code, meaning, retry, remedy },
    (columns) =>
    [paint.bold(code), fields([['means', meaning], ['retry', retryText(retry)], ['remedy', remedy]], '  ', columns)].join('\n'), // prettier-ignore
  );
  return exitCodes.ok;
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

function retryText(retry: boolean | 'few'): string {
  if (retry === 'few') return 'a few times, since nobody knows whether it helps';
  return retry ? 'by itself, until it succeeds' : 'never: trying again would fail again';
}
