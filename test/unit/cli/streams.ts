import { runCli } from '../../../cli/program';

/** What a run of the command line left. */
export interface Told {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** Runs the command line in this process. */
export async function loadline(...args: string[]): Promise<Told> {
  const told = { out: '', err: '' };
  const stdout = { write: (text: string) => void (told.out += text) };
  const stderr = { write: (text: string) => void (told.err += text) };
  const code = await runCli(args, { stdout, stderr });
  return { code, ...told };
}

/** A text without colours. */
// eslint-disable-next-line no-control-regex -- that is what colours are
export const plain = (text: string): string => text.replace(/\u001b\[\d+m/g, '');
