import { exitCodes, type ExitCode } from './exit-code';
import { errorFacts, printError } from './print-error';
import type { CliContext } from './cli-context';

const malformed = ['InvalidConfig', 'InvalidContract', 'ConfigNotFound', 'SecretMissing', 'WorkflowsNotBundled'];

/**
 * What is declared wrongly exits as wrong use does; with `all` everything that failed does: whoever asks for drift by exit code
 * must not take another trouble for it.
 */
export async function toldApart(all: boolean, context: CliContext, body: () => Promise<ExitCode>): Promise<ExitCode> {
  try {
    return await body();
  } catch (error) {
    if (!all && !malformed.includes(errorFacts(error).code)) throw error;
    printError(error, context.terminal);
    return exitCodes.usage;
  }
}
