/** What is wrong with a pattern: the construct, and what to do instead. */
export interface PatternTrouble {
  readonly construct: string;
  readonly remedy: string;
}

/** What warehouses read alike, as words for a message. */
export const patternDialect =
  'literals, classes such as [A-Z], \\d \\w \\s, groups, | * + ? and {m,n}, which every warehouse reads alike';

/** The most characters of a pattern. */
const longest = 1_000;
/** The most that `{m,n}` may repeat, in PostgreSQL. */
const mostRepeats = 255;

/** Checks that a pattern says the same in every warehouse; `null` when it does. */
export function patternTrouble(pattern: string): PatternTrouble | null {
  if (pattern === '') return trouble('an empty pattern', 'Remove it, or write length: { max: 0 }.');
  if (pattern.length > longest) return trouble(`${pattern.length} characters`, `Write at most ${longest}.`);
  const groups: string[] = [];
  let quantifiable = false;
  for (let at = 0; at < pattern.length;) {
    const piece = nextPiece(pattern, at);
    if ('construct' in piece) return piece;
    if (piece.kind === 'quantifier' && !quantifiable)
      return trouble(
        piece.text,
        'A quantifier follows a character, a class or a group; escape what is meant literally.',
      );
    if (piece.kind === 'open') groups.push(piece.text);
    if (piece.kind === 'close' && groups.pop() === undefined)
      return trouble('a ) without its (', 'Escape it: \\), or open the group.');
    quantifiable = piece.kind === 'atom' || piece.kind === 'close';
    at += piece.text.length;
  }
  return groups.length === 0 ? null : trouble('a ( without its )', 'Escape it: \\(, or close the group.');
}

type Piece = { readonly kind: 'atom' | 'quantifier' | 'open' | 'close' | 'other'; readonly text: string };

function nextPiece(pattern: string, at: number): Piece | PatternTrouble {
  const rest = pattern.slice(at);
  switch (rest[0]) {
    case '\\':
      return escape(rest);
    case '[':
      return bracket(rest);
    case '(':
      return group(rest);
    case ')':
      return { kind: 'close', text: ')' };
    case '*':
    case '+':
    case '?':
      return { kind: 'quantifier', text: rest[0] };
    case '{':
      return repeat(rest);
    case '|':
    case '^':
    case '$':
      return { kind: 'other', text: rest[0] };
    default:
      return { kind: 'atom', text: rest[0]! };
  }
}

function escape(rest: string): Piece | PatternTrouble {
  const text = rest.slice(0, 2);
  if (text.length < 2) return trouble('a \\ at the end', 'Write \\\\ for a backslash.');
  if (/^\\[dDwWsStnrf]$|^\\[^A-Za-z0-9\s]$/.test(text)) return { kind: 'atom', text };
  if (/\d/.test(text)) return trouble(`the back reference ${text}`, 'Write out what is to repeat.');
  if (/^\\[bBmMyY]$/.test(text)) return trouble(`the word boundary ${text}`, 'The pattern matches the whole value.');
  if (/^\\[AZz]$/.test(text)) return trouble(`the anchor ${text}`, 'Remove it: the pattern matches the whole value.');
  return trouble(`the escape ${text}`, 'Write a class, such as [A-Z].');
}

function group(rest: string): Piece | PatternTrouble {
  if (!rest.startsWith('(?')) return { kind: 'open', text: '(' };
  if (rest.startsWith('(?:')) return { kind: 'open', text: '(?:' };
  if (/^\(\?<?[=!]/.test(rest))
    return trouble(
      `the look${rest[2] === '<' ? 'behind' : 'ahead'} ${/^\(\?<?[=!]/.exec(rest)![0]}…)`,
      'Use a check with sql for a condition that a pattern alone cannot say.',
    );
  if (/^\(\?P?[<']/.test(rest)) return trouble('a named group', 'Write ( … ) or (?: … ).');
  return trouble(`the flags ${/^\(\?[^):]*/.exec(rest)![0]}…`, 'Write both cases, such as [Aa].');
}

function repeat(rest: string): Piece | PatternTrouble {
  const found = /^\{(\d{1,4})(,(\d{0,4}))?\}/.exec(rest);
  if (!found) return trouble('a { that is no {m}, {m,} or {m,n}', 'Escape it: \\{.');
  const [text, from = '', , to = ''] = found;
  if (Number(from) > mostRepeats || Number(to) > mostRepeats)
    return trouble(text, `Repeat at most ${mostRepeats} times, or use length.`);
  if (to !== '' && Number(to) < Number(from)) return trouble(text, 'Swap the bounds.');
  return { kind: 'quantifier', text };
}

const posixClass = /^\[:(alnum|alpha|blank|cntrl|digit|graph|lower|print|punct|space|upper|xdigit):\]/;

function bracket(rest: string): Piece | PatternTrouble {
  const start = rest[1] === '^' ? 2 : 1;
  if (rest[start] === ']') return trouble('an empty class, or one that begins with ]', 'Escape it: \\].');
  let at = start;
  while (rest[at] !== ']') {
    const first = classPart(rest.slice(at));
    if (typeof first !== 'string') return first;
    const alone = rest[at + first.length] !== '-' || rest[at + first.length + 1] === ']';
    if (first === '-' && at > start && rest[at + 1] !== ']') return trouble('a - inside of a class', 'Escape it: \\-.');
    const last = alone ? first : classPart(rest.slice(at + first.length + 1));
    if (typeof last !== 'string') return last;
    const [from, to] = [pointOf(first), pointOf(last)];
    if (!alone && (from === null || to === null || from > to))
      return trouble(`the range ${first}-${last}`, 'A range goes from a character to a later one; escape a literal -.');
    at += alone ? first.length : first.length + 1 + last.length;
  }
  return { kind: 'atom', text: rest.slice(0, at + 1) };
}

/** One member of a class: a character, an escape or a POSIX class. */
function classPart(rest: string): string | PatternTrouble {
  if (rest === '') return trouble('a [ without its ]', 'Escape it: \\[, or close the class.');
  const posix = posixClass.exec(rest);
  if (posix) return posix[0];
  if (rest[0] === '[') return trouble('a [ inside of a class', 'Escape it: \\[.');
  if (rest[0] !== '\\') return String.fromCodePoint(rest.codePointAt(0)!);
  const text = rest.slice(0, 2);
  if (/^\\[dwstnrf]$|^\\[^A-Za-z0-9\s]$/.test(text)) return text;
  return trouble(`the escape ${text} inside of a class`, 'Negate the class instead: [^…].');
}

/** The character that a member of a class stands for; `null` where it is several. */
function pointOf(part: string): number | null {
  if (part.startsWith('[:') || /^\\[dwstnrf]$/.test(part)) return null;
  return part.codePointAt(part.startsWith('\\') ? 1 : 0)!;
}

const trouble = (construct: string, remedy: string): PatternTrouble => ({ construct, remedy });
