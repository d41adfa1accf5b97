import { isMap, isPair, isSeq, LineCounter, parseAllDocuments, type Document, type Pair } from 'yaml';
import { loadFailure } from '../../workflows/load-error';
import type { ContractPlace } from './validate-contract';

/** A contract as a YAML file holds it, not yet checked. */
export interface WrittenContract {
  readonly value: unknown;
  readonly place: ContractPlace;
}

/**
 * Reads the contracts of a YAML file: one per document.
 *
 * @throws `InvalidContract` with file, line and column, when the text is no YAML.
 */
export function parseYamlContracts(text: string, file: string): WrittenContract[] {
  const lines = new LineCounter();
  const documents = parseAllDocuments(text, { lineCounter: lines, prettyErrors: true });
  if (
    !Array.isArray(documents) ||
    documents.every((document) => document.contents === null && document.errors.length === 0)
  ) {
    throw loadFailure('InvalidContract', {
      object: file,
      expected: 'a contract with name, table and columns',
      got: 'an empty file',
    });
  }
  return documents.map((document) => {
    const [error] = document.errors;
    if (error) throw notYaml(error, file, lines);
    return { value: document.toJS(), place: { file, locate: (path, name) => locate(document, lines, path, name) } };
  });
}

function notYaml(error: Document['errors'][number], file: string, lines: LineCounter): Error {
  const { line, col } = lines.linePos(error.pos[0]);
  return loadFailure('InvalidContract', {
    what: 'A contract is not valid YAML.',
    object: `${file}:${line}:${col}`,
    expected: 'valid YAML 1.2',
    got: error.message.split(' at line ')[0] ?? error.code,
    remedy: 'Correct the line; look at indentation, colons and quotes.',
  });
}

/** `:line:column` of the deepest part of the path that the document holds. */
function locate(document: Document, lines: LineCounter, path: readonly PropertyKey[], name: boolean): string {
  let node: unknown = document.contents;
  let offset = offsetOf(node) ?? 0;
  for (const [depth, part] of path.entries()) {
    const last = depth === path.length - 1;
    const found = step(node, part);
    if (found === undefined) break;
    node = isPair(found) ? found.value : found;
    offset = offsetOf(isPair(found) && ((name && last) || offsetOf(node) === undefined) ? found.key : node) ?? offset;
  }
  const { line, col } = lines.linePos(offset);
  return `:${line}:${col}`;
}

function step(node: unknown, part: PropertyKey): unknown {
  if (isSeq(node)) return node.items[Number(part)];
  if (!isMap(node)) return undefined;
  return node.items.find((pair: Pair) => String(pair.key) === String(part));
}

function offsetOf(node: unknown): number | undefined {
  return (node as { range?: readonly number[] | null } | null | undefined)?.range?.[0];
}
