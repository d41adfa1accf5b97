import { CommanderError } from 'commander';
import { commandLine } from '../../../cli/program';

const silent = { write: () => true };

/** `known` if the command line takes these arguments; else what it says about them. Nothing is run. */
export function parsed(args: readonly string[]): string {
  const program = commandLine({ stdout: silent, stderr: silent }, async () => undefined);
  try {
    program.parse([...args], { from: 'user' });
    return 'known';
  } catch (error) {
    if (error instanceof CommanderError) return error.message;
    throw error;
  }
}
