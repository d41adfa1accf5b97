import { stat } from 'node:fs/promises';
import path from 'node:path';

/** Where the sample lies, and where loads look for it and for what follows it. */
export interface SamplePlace {
  /** The root of the store: relative to the project, or absolute. */
  readonly root: string;
  /** Which files are loaded, relative to the root. */
  readonly glob: string;
  /** The sample, relative to the root. */
  readonly sample: string;
  /** Where the sample is copied to, relative to the project; `null` when it is read where it lies. */
  readonly copyTo: string | null;
  /** Whether a test may take the sample for itself: a large one is read where it lies. */
  readonly small: boolean;
}

/** A file above this size is not copied, and not read into memory by a test. */
export const mostCopiedBytes = 20_000_000;

/** Decides where the sample is loaded from: copied into `data/`, or left where it lies if it is there already or large. */
export async function placeSample(sample: string, folder: string, name: string): Promise<SamplePlace> {
  const { size } = await stat(sample);
  const file = path.basename(sample);
  const small = size <= mostCopiedBytes;
  const inData = path.relative(path.join(folder, 'data'), path.resolve(sample)).split(path.sep).join('/');
  if (!inData.startsWith('..') && !path.isAbsolute(inData)) {
    const glob = path.posix.join(path.posix.dirname(inData), `*${ending(file)}`);
    return { root: './data', glob, sample: inData, copyTo: null, small };
  }
  if (small) {
    const within = `${name}/${file}`;
    return { root: './data', glob: `${name}/*${ending(file)}`, sample: within, copyTo: `data/${within}`, small };
  }
  // Beside it may lie anything, so that nothing but this file is named.
  return { root: path.dirname(path.resolve(sample)), glob: file, sample: file, copyTo: null, small };
}

/** `.csv.gz` of `a.b.csv.gz`. */
const ending = (file: string): string => /(\.(csv|tsv|txt|ndjson|jsonl))?\.[^.]+$/i.exec(file)?.[0] ?? '';
