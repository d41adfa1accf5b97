import path from 'node:path';
import { readyWorkflowsPath } from '../workflow-entry';
import type { Divergence } from './verdict';

/** A line of a source. */
export type SourcePlace = Pick<Divergence, 'file' | 'line' | 'column'>;

const ours = path.dirname(readyWorkflowsPath);

/**
 * The line of the user's workflow in a stack, which the SDK has mapped to the sources: the nearest that is neither of a package
 * nor of Loadline. Where a ready workflow runs there is none.
 */
export function sourcePlace(stack: string | undefined): SourcePlace | undefined {
  const frames = (stack ?? '').split('\n').flatMap((line) => frameIn(line.trim()));
  // A bundle may have been made of another copy of Loadline: its listener is the first to be called.
  const [first] = frames;
  const own = [
    ours,
    ...(first && /^replay-probe\.[jt]s$/.test(path.basename(first.file)) ? [path.dirname(first.file)] : []),
  ];
  return frames.find(({ file }) => !foreign.test(file) && !own.includes(path.dirname(file)));
}

/** Packages, and code that has no source. */
const foreign = /[\\/]node_modules[\\/]|[\\/]workflow-bundle-[0-9a-f]+\.js$/;

function frameIn(line: string): { file: string; line: number; column: number }[] {
  const found = /(?:\(|^at (?:async )?)((?:[A-Za-z]:)?[\\/][^()]*?):(\d+):(\d+)\)?$/.exec(line);
  return found ? [{ file: found[1]!, line: Number(found[2]), column: Number(found[3]) }] : [];
}
