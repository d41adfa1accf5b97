import path from 'node:path';
import { readyWorkflowsPath } from '../workflow-entry';
import type { Divergence } from './verdict';

/** A line of a source. */
export type SourcePlace = Pick<Divergence, 'file' | 'line' | 'column'>;

const ours = `${path.dirname(readyWorkflowsPath)}${path.sep}`;

/**
 * The line of the user's workflow in a stack, which the SDK has mapped to the sources: the nearest that is neither of a package
 * nor of Loadline. Where a ready workflow runs there is none.
 */
export function sourcePlace(stack: string | undefined): SourcePlace | undefined {
  for (const line of stack?.split('\n') ?? []) {
    const [, file, row, column] =
      /(?:\(|at (?:async )?)((?:[A-Za-z]:)?[\\/][^()]*?):(\d+):(\d+)\)?$/.exec(line.trim()) ?? [];
    if (file === undefined || /[\\/]node_modules[\\/]/.test(file) || file.startsWith(ours)) continue;
    if (/[\\/]workflow-bundle-[0-9a-f]+\.js$/.test(file)) continue;
    return { file, line: Number(row), column: Number(column) };
  }
  return undefined;
}
