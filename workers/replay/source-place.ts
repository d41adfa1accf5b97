import { SourceMap, type SourceMapPayload } from 'node:module';
import path from 'node:path';
import { readyWorkflowsPath } from '../workflow-entry';
import type { Divergence } from './verdict';

/** A line of a source. */
export type SourcePlace = Pick<Divergence, 'file' | 'line' | 'column'>;

/** Finds the user's line in a stack. */
export type FindPlace = (stack: string | undefined) => SourcePlace | undefined;

interface Frame {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

const ours = path.dirname(readyWorkflowsPath);

/**
 * Finds, in stacks of a bundle, the line of the user's workflow: the nearest that is neither of a package nor of Loadline.
 * Where a ready workflow runs there is none.
 */
export function placesIn(code: string): FindPlace {
  let map: SourceMap | null | undefined;
  const mapped = (frame: Frame): Frame => {
    // Usually the SDK has mapped the stack already; not where another hand prepares stacks, as a test runner does.
    if (!bundleName.test(frame.file)) return frame;
    map ??= sourceMapOf(code);
    const found = map?.findEntry(frame.line - 1, frame.column - 1);
    if (!found || !('originalSource' in found)) return frame;
    const { originalSource, originalLine, originalColumn } = found;
    return { file: originalSource, line: originalLine + 1, column: originalColumn + 1 };
  };
  return (stack) => {
    const frames = (stack ?? '')
      .split('\n')
      .flatMap((line) => frameIn(line.trim()))
      .map(mapped);
    // A bundle may have been made of another copy of Loadline: its listener is the first to be called.
    const [first] = frames;
    const isProbe = first !== undefined && /^replay-probe\.[jt]s$/.test(path.basename(first.file));
    const own = [ours, ...(isProbe ? [path.dirname(first.file)] : [])];
    return frames.find(({ file }) => isSource(file) && !own.includes(path.dirname(file)));
  };
}

const bundleName = /[\\/]?workflow-bundle-[0-9a-f]+\.js$/;

/** Not of a package, and not code that has no source. */
const isSource = (file: string): boolean =>
  path.isAbsolute(file) && !/[\\/]node_modules[\\/]/.test(file) && !bundleName.test(file);

function frameIn(line: string): Frame[] {
  const found = /(?:\(|^at (?:async )?)([^()\s][^()]*?):(\d+):(\d+)\)?$/.exec(line);
  return found ? [{ file: found[1]!, line: Number(found[2]), column: Number(found[3]) }] : [];
}

function sourceMapOf(code: string): SourceMap | null {
  const inline = /\/\/# sourceMappingURL=data:application\/json;[^,]*base64,([A-Za-z0-9+/=]+)\s*$/.exec(
    code.slice(code.lastIndexOf('//# sourceMappingURL=')),
  );
  if (!inline) return null;
  return new SourceMap(JSON.parse(Buffer.from(inline[1]!, 'base64').toString()) as SourceMapPayload);
}
