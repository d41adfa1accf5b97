// Result files: one JSON line per case, with the facts of the machine.
import { appendFile, mkdir, readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import { UsageError } from './options.mjs';

const folder = new URL('results/', import.meta.url);

/** Opens the file that a run's cases are written to, each when it is done. */
export async function openResults(facts) {
  await mkdir(folder, { recursive: true });
  const path = fileURLToPath(new URL(`${facts.at.replaceAll(/[-:]|\.\d+/g, '')}.jsonl`, folder));
  return { path, add: (result) => appendFile(path, `${JSON.stringify({ facts, ...result })}\n`) };
}

/** Reads result files; of a case that is in several of them the last counts, and the last with peers for these. @throws UsageError */
export async function readResults(paths) {
  const found = new Map();
  const withPeers = new Map();
  for (const path of paths) {
    for (const result of linesOf(path, await textOf(path))) {
      found.delete(result.case);
      found.set(result.case, { ...result, from: basename(path) });
      if (result.peers?.length) withPeers.set(result.case, result);
    }
  }
  return [...found.values()].map((result) => ({ ...result, peerRun: withPeers.get(result.case) }));
}

async function textOf(path) {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    throw new UsageError(`--report ${path}: ${error.code === 'ENOENT' ? 'no such file' : error.message}`);
  }
}

function linesOf(path, text) {
  const lines = text.split('\n').filter(Boolean);
  return lines.map((line, index) => {
    try {
      const result = JSON.parse(line);
      if (result.case && result.facts) return result;
    } catch {
      // Said below.
    }
    throw new UsageError(`--report ${path}, line ${index + 1}: not a result of this benchmark`);
  });
}
