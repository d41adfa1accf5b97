import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { didYouMean } from '../activities/contracts/did-you-mean';
import { loadFailure } from '../workflows/load-error';
import { UsageError } from './usage-error';
import type { RepairedRow } from '../activities/warehouses/quarantine';

const idKey = '_loadline_row';

/**
 * Reads rows that `quarantine export` has written and a person has repaired.
 *
 * @throws `UsageError`, `MalformedJson`, `InvalidRequest`; with line numbers, and without a value of a row
 */
export async function readRepaired(path: string): Promise<RepairedRow[]> {
  const rows = new Map<string, RepairedRow>();
  for (const [index, line] of (await linesOf(path)).entries()) {
    if (line.trim() === '') continue;
    const object = `${basename(path)}, line ${index + 1}`;
    const row = { id: idOf(line, object), json: line };
    if (rows.has(row.id))
      throw loadFailure('InvalidRequest', { object, expected: 'each row once', got: `the ${idKey} of another line` });
    rows.set(row.id, row);
  }
  if (rows.size === 0)
    throw new UsageError(`--file ${path} has no row.`, 'Export the rows: loadline quarantine export.');
  return [...rows.values()];
}

async function linesOf(path: string): Promise<string[]> {
  try {
    return (await readFile(path, 'utf8')).split(/\r?\n/);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'unknown';
    throw new UsageError(`--file ${path} cannot be read: ${code}.`, 'Correct the path.');
  }
}

/** Parsed for its id only: numbers keep their digits in the line. */
function idOf(line: string, object: string): string {
  let row: unknown;
  try {
    row = JSON.parse(line);
  } catch {
    throw loadFailure('MalformedJson', { object, expected: 'one JSON object', remedy: 'Correct the line.' });
  }
  if (typeof row !== 'object' || row === null || Array.isArray(row))
    throw loadFailure('MalformedJson', { object, expected: 'one JSON object', remedy: 'Correct the line.' });
  const id = (row as Record<string, unknown>)[idKey];
  if (typeof id === 'string' && id !== '') return id;
  throw loadFailure('InvalidRequest', {
    object,
    expected: `${idKey}, by which an exported row is known`,
    got: 'none',
    remedy: 'Keep it as `loadline quarantine export` has written it.',
  });
}

/** A contract that the configuration does not have. */
export const unknownContract = (name: string, names: readonly string[]): Error =>
  loadFailure('UnknownContract', { object: name, remedy: didYouMean(name, names) });
