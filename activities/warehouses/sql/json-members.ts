/** A member of a JSON object, its value as it is written: no number loses a digit. */
export interface JsonMember {
  readonly name: string;
  readonly raw: string;
}

const string = /"(?:[^"\\]|\\.)*"/y;
const plain = /[^\s,}\]]+/y;
const between = /[\s,:]*/y;

/** The members of a JSON object in a text, in its order. @throws `SyntaxError` where the text is none */
export function jsonMembers(text: string): JsonMember[] {
  const members: JsonMember[] = [];
  let at = skip(text, text.search(/\S/));
  if (text[at] !== '{') throw new SyntaxError('no JSON object');
  for (at = skip(text, at + 1); text[at] !== '}'; at = skip(text, at)) {
    const name = match(string, text, at);
    at = skip(text, at + name.length);
    const raw = valueAt(text, at);
    at += raw.length;
    members.push({ name: JSON.parse(name) as string, raw });
  }
  return members;
}

/** A value as text: what is in quotes without them, `null` for none. */
export function jsonText(raw: string): string | null {
  if (raw === 'null') return null;
  return raw.startsWith('"') ? (JSON.parse(raw) as string) : raw;
}

function valueAt(text: string, from: number): string {
  const first = text[from];
  if (first === '"') return match(string, text, from);
  if (first !== '{' && first !== '[') return match(plain, text, from);
  let depth = 0;
  let at = from;
  do {
    const c = text[at];
    if (c === undefined) throw new SyntaxError('a JSON value that does not end');
    if (c === '{' || c === '[') depth++;
    if (c === '}' || c === ']') depth--;
    at += c === '"' ? match(string, text, at).length : 1;
  } while (depth > 0);
  return text.slice(from, at);
}

function match(pattern: RegExp, text: string, at: number): string {
  pattern.lastIndex = at;
  const found = pattern.exec(text);
  if (!found) throw new SyntaxError('no JSON object');
  return found[0];
}

const skip = (text: string, at: number): number => at + match(between, text, at).length;
