import { isMap, isPair, isScalar, isSeq, LineCounter, parseAllDocuments, visit, type Document, type Pair } from 'yaml';
import { loadFailure } from '../../workflows/load-error';
import { isKept } from './kept-number';
import type { ContractPlace } from './validate-contract';

/** A contract as a YAML file holds it, not yet checked. */
export interface WrittenContract {
  readonly value: unknown;
  readonly place: ContractPlace;
}

/**
 * Reads the contracts of a YAML file: one per document.
 *
 * @throws `InvalidContract` with file, line and column, when the text is no YAML or holds a number that is lost in it.
 */
export function parseYamlContracts(content: string | Uint8Array, file: string): WrittenContract[] {
  const text = textOf(content, file);
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
      remedy: 'Write one; `loadline profile <sample file>` proposes it.',
    });
  }
  return documents.map((document) => {
    const [error] = document.errors;
    if (error) throw notYaml(error, file, lines);
    const place: ContractPlace = {
      file,
      locate: (path, name) => locate(document, lines, path, name),
      number: (path) => numberAt(document, path),
    };
    refuseLost(document, file, lines);
    return { value: valueOf(document, file, lines), place };
  });
}

function notYaml(error: Document['errors'][number], file: string, lines: LineCounter): Error {
  const { line, col } = lines.linePos(error.pos[0]);
  return loadFailure('InvalidContract', {
    what: 'A contract is not valid YAML.',
    object: `${file}:${line}:${col}`,
    expected: 'valid YAML 1.2',
    got: error.message.split(' at line ')[0] ?? error.code,
    remedy: remedies[error.code] ?? 'Correct the line; look at indentation, colons and quotes.',
  });
}

const remedies: Readonly<Record<string, string>> = {
  DUPLICATE_KEY: 'Remove one of the two, or correct its name.',
  TAB_AS_INDENT: 'Indent with spaces.',
};

function textOf(content: string | Uint8Array, file: string): string {
  if (typeof content === 'string') return content;
  const text = new TextDecoder().decode(content);
  const at = text.search(/[\uFFFD\0]/);
  if (at < 0) return text;
  throw loadFailure('InvalidContract', {
    object: `${file}:${text.slice(0, at).split('\n').length}`,
    expected: 'text in UTF-8',
    got: 'bytes that are none',
    remedy: 'Save the file as UTF-8.',
  });
}

/** Aliases that lead nowhere, or to more than any contract holds. */
function valueOf(document: Document, file: string, lines: LineCounter): unknown {
  try {
    return document.toJS();
  } catch (error) {
    let place = '';
    visit(document, {
      Alias(_, alias) {
        if (alias.resolve(document) !== undefined) return undefined;
        const { line, col } = lines.linePos(alias.range![0]);
        place = `:${line}:${col}`;
        return visit.BREAK;
      },
    });
    throw loadFailure('InvalidContract', {
      object: `${file}${place}`,
      expected: 'aliases of anchors above them, each used a few times',
      got: error instanceof Error ? error.message : 'what cannot be read',
      remedy: 'Write the part out where it is used.',
    });
  }
}

/** Refuses a number that is another once it is read: a bound must be the one that is written. */
function refuseLost(document: Document, file: string, lines: LineCounter): void {
  visit(document, {
    Scalar(_, { value, source, range }) {
      if (typeof value !== 'number' || source === undefined || isKept(source, value)) return;
      const { line, col } = lines.linePos(range![0]);
      const object = `${file}:${line}:${col}`;
      const expected = 'a number that YAML keeps to the last digit';
      throw loadFailure('InvalidContract', { object, expected, got: source, remedy: `Quote it: "${source}".` });
    },
  });
}

function numberAt(document: Document, path: readonly PropertyKey[]): string | undefined {
  const node = path.reduce<unknown>((inner, part) => {
    const found = step(inner, part);
    return isPair(found) ? found.value : found;
  }, document.contents);
  return isScalar(node) && typeof node.value === 'number' ? node.source : undefined;
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
