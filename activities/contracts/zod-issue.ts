import { z } from 'zod';
import { nearest } from './did-you-mean';
import { suggestionFor } from './suggestion';

/** What one refusal of a schema says: where, what was expected, what was there, what to do. */
export interface Refusal {
  readonly path: readonly PropertyKey[];
  /** Whether the name at the end of the path is what is wrong, rather than its value. */
  readonly name: boolean;
  readonly expected: string;
  /** Absent where the value must not be shown. */
  readonly got?: string;
  readonly remedy?: string;
}

/**
 * An object without unknown keys. The issue of an unknown key carries the known ones, so that
 * {@link refusalsOf} can say which one was meant.
 */
export function strict<S extends z.core.$ZodLooseShape>(shape: S, what = 'an object'): z.ZodObject<S, z.core.$strict> {
  const known = Object.keys(shape).join(', ');
  return z.strictObject(shape, { error: ({ code }) => (code === 'unrecognized_keys' ? known : what) });
}

/** Turns the issues of a failed parse into refusals. Every schema's message says what was expected. */
export function refusalsOf(error: z.ZodError, value: unknown): Refusal[] {
  // A mistyped key is told before the field that seems missing because of it.
  const issues = error.issues.flatMap(meantIssues);
  const unknown = issues.filter((issue) => issue.code === 'unrecognized_keys');
  const others = issues.filter((issue) => issue.code !== 'unrecognized_keys');
  return [
    ...unknown.flatMap((issue) => issue.keys.map((key) => unknownKey(issue, key))),
    ...others.map((issue) => wrongValue(issue, at(value, issue.path))),
  ];
}

function wrongValue(issue: z.core.$ZodIssue, value: unknown): Refusal {
  if (issue.code === 'invalid_key')
    return { path: issue.path, name: true, expected: issue.issues[0]!.message, got: show(issue.path.at(-1)) };
  const remedy = suggestionFor(issue, value);
  return { path: issue.path, name: false, expected: issue.message, got: show(value), ...(remedy ? { remedy } : {}) };
}

/** What is wrong with the one alternative of a union that has the value's shape; the union's own issue where none has. */
function meantIssues(issue: z.core.$ZodIssue): z.core.$ZodIssue[] {
  if (issue.code !== 'invalid_union') return [issue];
  const inside = (i: z.core.$ZodIssue): boolean => i.path.length > 0 || i.code === 'unrecognized_keys';
  const [meant, ...others] = issue.errors.filter((issues) => issues.every(inside));
  if (meant === undefined || others.length > 0) return [issue];
  return meant.map((i) => ({ ...i, path: [...issue.path, ...i.path] }));
}

function unknownKey(issue: z.core.$ZodIssue, key: string): Refusal {
  const known = issue.message.split(', ');
  return {
    path: [...issue.path, key],
    name: true,
    expected: `one of: ${issue.message}`,
    got: show(key),
    remedy: unknownKeyRemedy(key, known),
  };
}

function unknownKeyRemedy(key: string, known: readonly string[]): string {
  const glued = known.find((name) => key.startsWith(`${name}:`));
  if (key === '<<') return 'Write the fields out: YAML 1.2 merges none.';
  if (glued !== undefined) return `Put a space after the colon: "${glued}: …".`;
  if (/^\s*\d+\s*\)$/.test(key)) return 'Quote a text that holds a comma: type: "decimal(12,2)".';
  const near = nearest(key, known);
  return near === undefined ? 'Remove it, or correct its name.' : `Did you mean "${near}"?`;
}

/** A path as people write it: `columns.amount.type`, `key[0]`. */
export function pathText(path: readonly PropertyKey[]): string {
  return path.reduce<string>((text, part) => {
    if (typeof part === 'number') return `${text}[${part}]`;
    return text === '' ? String(part) : `${text}.${String(part)}`;
  }, '');
}

/** A value, short enough for a message. */
export function show(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (typeof value === 'function') return 'a function';
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 80 ? `${text.slice(0, 77)}…` : text;
}

function at(value: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (inner, part) => (inner as Record<PropertyKey, unknown> | null | undefined)?.[part],
    value,
  );
}
