import { createHash } from 'node:crypto';

/** Texts that stand for others: the same for the same text, and of the shape that code may look at. */
export interface Placeholders {
  of(text: string): string;
  /** Which text has which placeholder, in the order of their first use. */
  readonly given: ReadonlyMap<string, string>;
}

/** Placeholders are counted, never computed from the text: a short text could be found again by its hash. */
export function makePlaceholders(): Placeholders {
  const given = new Map<string, string>();
  return {
    given,
    of(text) {
      const known = given.get(text) ?? shaped(text, given.size + 1);
      given.set(text, known);
      return known;
    },
  };
}

const shapes: readonly (readonly [shape: RegExp, make: (text: string, count: number) => string])[] = [
  [/^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i, (_, count) => digits(count, 32).replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-')],
  [/^[0-9a-f]{16,}$/, (text, count) => digits(count, text.length)],
  [/^[a-z][a-z0-9+.-]*:\/\/\S+$/i, (text, count) => `${text.slice(0, text.indexOf(':'))}://redacted-${count}.invalid/`],
  [/^[^\s@]+@[^\s@]+\.[a-z]+$/i, (_, count) => `redacted-${count}@redacted-${count}.invalid`],
  [/^[^\s]+\.[a-z0-9]{2,8}(?:\.(?:gz|zst))?$/i, (text, count) => `redacted-${count}${/(?:\.[a-z0-9]{2,8}){1,2}$/i.exec(text.slice(text.lastIndexOf('/')))?.[0] ?? ''}`],
]; // prettier-ignore

function shaped(text: string, count: number): string {
  const make = shapes.find(([shape]) => shape.test(text))?.[1];
  return make?.(text, count) ?? `redacted-${count}`;
}

/** As many hexadecimal digits, different for each count. */
function digits(count: number, length: number): string {
  let text = '';
  for (let part = 0; text.length < length; part++)
    text += createHash('sha256').update(`redacted ${count} ${part}`).digest('hex');
  return text.slice(0, length);
}
