import { nearest } from './did-you-mean';
import type { z } from 'zod';

/** What to write instead of a value of the wrong type, where that can be guessed. */
export function suggestionFor(issue: z.core.$ZodIssue, value: unknown): string | undefined {
  if (value === undefined) return `Add "${String(issue.path.at(-1))}".`;
  if (issue.code === 'invalid_value' && typeof value === 'string') return amongWords(value, issue.values.map(String));
  if (issue.code !== 'invalid_type') return undefined;
  if (issue.expected === 'array' && typeof value === 'string') return `Write a list: [${value}].`;
  if (issue.expected === 'array' && typeof value === 'object')
    return 'Begin each entry with a dash and a space: "- name: …".';
  if (issue.expected === 'boolean') return booleans.get(String(value).toLowerCase());
  if (
    issue.expected === 'object' &&
    issue.path.length === 2 &&
    issue.path[0] === 'columns' &&
    typeof value === 'string'
  )
    return `Write { type: ${value.includes(',') ? `"${value}"` : value} }.`;
  if (issue.path.at(-1) === 'change' && typeof value === 'number') return `Write "${value}%".`;
  return undefined;
}

function amongWords(word: string, words: readonly string[]): string | undefined {
  const meant = synonyms.get(word.toLowerCase());
  if (meant !== undefined && words.includes(meant)) return `Write "${meant}".`;
  const near = nearest(word, words);
  return near === undefined ? undefined : `Did you mean "${near}"?`;
}

const synonyms = new Map([['error', 'fail'], ['warning', 'warn'], ['drop', 'quarantine']]); // prettier-ignore
const booleans = new Map([
  ...['yes', 'y', 'on', 'true', '1'].map((word) => [word, 'Write true, without quotes.'] as const),
  ...['no', 'n', 'off', 'false', '0'].map((word) => [word, 'Write false, without quotes.'] as const),
]);
