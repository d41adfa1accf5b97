/** A contract as a module makes it, not yet checked: its name tells where it is written. */
type Named = { readonly name?: unknown } | null | undefined;

/**
 * Where a module of TypeScript or JavaScript says a part of a contract, as `:line:column`: found by its names alone. Empty
 * where the contract is written elsewhere.
 */
export function positionInModule(text: string, contract: unknown, parts: readonly PropertyKey[]): string {
  let found = startOf(text, contract);
  if (found === undefined) return '';
  let value = contract;
  for (const part of parts) {
    value = (value as Record<PropertyKey, unknown> | null | undefined)?.[part];
    // An entry of a list has no name of its own, unless it says one.
    const named = typeof part === 'number' ? namePattern(value) : property(String(part));
    if (named === undefined) continue;
    const at = indexIn(text, found + 1, named);
    if (at < 0) break;
    found = at;
  }
  const before = text.slice(0, found).split('\n');
  return `:${before.length}:${before.at(-1)!.length + 1}`;
}

/** Where the contract of this name begins; of one without a name, if it is the only one that is written here. */
function startOf(text: string, contract: unknown): number | undefined {
  const name = namePattern(contract);
  const at = name === undefined ? -1 : indexIn(text, 0, name);
  if (at >= 0) return at;
  const only = [...text.matchAll(new RegExp(property('columns'), 'g'))];
  return name === undefined && only.length === 1 ? text.lastIndexOf('{', only[0]!.index) : undefined;
}

function namePattern(value: unknown): string | undefined {
  const name = (value as Named)?.name;
  return typeof name === 'string' ? `\\bname['"\`]?\\s*:\\s*['"\`]${escaped(name)}['"\`]` : undefined;
}

/** The name of a property, in quotes or without. */
function property(name: string): string {
  const text = escaped(name);
  return `(?:(['"\`])${text}\\1|(?<![\\w$.'"\`-])${text})\\s*:`;
}

function indexIn(text: string, from: number, pattern: string): number {
  const search = new RegExp(pattern, 'g');
  search.lastIndex = Math.max(from, 0);
  return search.exec(text)?.index ?? -1;
}

const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
