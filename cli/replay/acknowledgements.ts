import { existsSync, readFileSync } from 'node:fs';
import { LineCounter, parseDocument, type Document } from 'yaml';
import { UsageError } from '../usage-error';
import type { ChangedPart } from '../../workers/replay';

/** A change of load keys that somebody means. */
export interface Acknowledgement {
  /** The workflow type. */
  readonly workflow: string;
  /** By part of the key, as text in which `*` stands for anything. */
  readonly changed: ReadonlyMap<string, { readonly from: string; readonly to: string }>;
  readonly reason: string;
  readonly file: string;
  readonly line: number;
}

/** The name of the file beside the configuration. */
export const acknowledgedName = 'replay-acknowledged.yml';
const parts = ['pipeline', 'into', 'identity', 'interval', 'nominalTime', 'partitions', 'part'];
const names = ['workflow', 'changed', 'from', 'to', 'reason'];

/** Reads the file; without one nothing is acknowledged. @throws `UsageError` with the line that is wrong */
export function readAcknowledgements(file: string, mustExist: boolean): readonly Acknowledgement[] {
  if (!existsSync(file)) {
    if (!mustExist) return [];
    throw new UsageError(`There is no file ${file}.`, 'Correct the path after --acknowledged.');
  }
  const lines = new LineCounter();
  const document = parseDocument(readFileSync(file, 'utf8'), { lineCounter: lines });
  const [broken] = document.errors;
  if (broken)
    throw new UsageError(`${file}:${lines.linePos(broken.pos[0]).line} is no YAML.`, broken.message.split('\n')[0]!);
  const entries = document.toJS() as unknown;
  if (entries === null) return [];
  const refuse = refusing(file, document, lines);
  if (!Array.isArray(entries)) throw refuse([], 'is a list of changes');
  return entries.map((entry: unknown, index) => entryOf(entry, index, file, refuse));
}

interface Refuse {
  (path: readonly (string | number)[], expected: string): UsageError;
  line(path: readonly (string | number)[]): number;
}

function refusing(file: string, document: Document, lines: LineCounter): Refuse {
  const line = (path: readonly (string | number)[]): number => {
    for (let at = [...path]; at.length > 0; at = at.slice(0, -1)) {
      const node = document.getIn(at, true) as { range?: readonly number[] } | undefined;
      if (node?.range) return lines.linePos(node.range[0]!).line;
    }
    return 1;
  };
  const refuse = (path: readonly (string | number)[], expected: string): UsageError =>
    new UsageError(
      `${file}:${line(path)}: ${path.filter((part) => typeof part === 'string').join('.') || 'the file'} ${expected}.`,
      'Correct the line; docs/replay.md shows an entry.',
    );
  return Object.assign(refuse, { line });
}

function entryOf(entry: unknown, index: number, file: string, refuse: Refuse): Acknowledgement {
  if (typeof entry !== 'object' || entry === null || Array.isArray(entry))
    throw refuse([index], 'holds entries of workflow, changed, from, to and reason');
  const { workflow, changed, from, to, reason } = entry as Readonly<Record<string, unknown>>;
  const unknown = Object.keys(entry).find((name) => !names.includes(name));
  if (unknown !== undefined) throw refuse([index, unknown], `is unknown; there are ${names.join(', ')}`);
  if (typeof workflow !== 'string' || workflow === '') throw refuse([index, 'workflow'], 'names a workflow type');
  if (!isPartList(changed)) throw refuse([index, 'changed'], `is a list of ${parts.join(', ')}`);
  if (typeof reason !== 'string' || reason.trim().split(/\s+/).length < 3)
    throw refuse([index, 'reason'], 'says why, in some words');
  const [before, after] = [textsOf(from, changed), textsOf(to, changed)];
  if (!before) throw refuse([index, 'from'], 'says what each changed part was; * stands for anything');
  if (!after) throw refuse([index, 'to'], 'says what each changed part is now; * stands for anything');
  return {
    workflow,
    changed: new Map(changed.map((part) => [part, { from: before[part]!, to: after[part]! }])),
    reason: reason.trim(),
    file,
    line: refuse.line([index]),
  };
}

const isPartList = (value: unknown): value is readonly string[] =>
  Array.isArray(value) && value.length > 0 && value.every((part) => parts.includes(part as string));

/** One text for one part, or a text for each by its name. */
function textsOf(value: unknown, changed: readonly string[]): Readonly<Record<string, string>> | undefined {
  const named = typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : undefined;
  if (!named && changed.length > 1) return undefined;
  const texts = changed.map((part) => [part, named ? named[part] : value] as const);
  if (texts.some(([, text]) => !['string', 'number'].includes(typeof text))) return undefined;
  return Object.fromEntries(texts.map(([part, text]) => [part, String(text)]));
}

/** Whether an entry is about exactly this change: the same workflow, the same parts, each from and to what it says. */
export function acknowledges(
  { workflow, changed }: Acknowledgement,
  workflowType: string,
  parts: readonly ChangedPart[],
): boolean {
  if (workflow !== workflowType || changed.size !== parts.length) return false;
  return parts.every(({ part, from, to, kind }) => {
    const said = changed.get(part);
    const fits = (exact: { readonly from: string; readonly to: string }): boolean =>
      said !== undefined && matches(said.from, exact.from) && matches(said.to, exact.to);
    return fits({ from, to }) || fits(kind);
  });
}

function matches(pattern: string, text: string): boolean {
  const shown = text === '' ? 'none' : text;
  const parts = pattern.split('*').map((part) => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${parts.join('.*')}$`, 's').test(shown);
}

/** The entry that would acknowledge a change, as it is to be written. */
export function acknowledgementFor(workflow: string, changed: readonly ChangedPart[]): string {
  const quoted = (text: string): string => JSON.stringify(text === '' ? 'none' : text);
  const side = (name: 'from' | 'to'): string =>
    changed.length === 1
      ? quoted(changed[0]!.kind[name])
      : `{ ${changed.map(({ part, kind }) => `${part}: ${quoted(kind[name])}`).join(', ')} }`;
  return [
    `- workflow: ${workflow}`,
    `  changed: [${changed.map(({ part }) => part).join(', ')}]`,
    `  from: ${side('from')}`,
    `  to: ${side('to')}`,
    `  reason: `,
  ].join('\n');
}
