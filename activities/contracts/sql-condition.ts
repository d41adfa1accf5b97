/** What is wrong with an SQL condition as text; what it means, only the warehouse can say. */
export interface ConditionTrouble {
  readonly found: string;
  readonly remedy: string;
}

/** The most characters of a condition. */
const longest = 4_000;

/**
 * Finds what would let a condition be more than one: a second statement, a comment that hides what follows, a parenthesis
 * that closes ours, a query. `null` when it is a condition as far as its text tells.
 */
export function conditionTrouble(sql: string): ConditionTrouble | null {
  if (sql.trim() === '') return { found: 'an empty text', remedy: 'Write a condition, such as paid_at >= ordered_at.' };
  if (sql.length > longest) return { found: `${sql.length} characters`, remedy: `Write at most ${longest}.` };
  const open: string[] = [];
  for (const token of tokensOf(sql)) {
    const refused = refusedToken(token);
    if (refused) return refused;
    if (token === '(' || token === '[') open.push(token);
    if ((token === ')' || token === ']') && open.pop() !== pairs[token])
      return { found: `a ${token} without its ${pairs[token]}`, remedy: 'Close what is open, and nothing else.' };
  }
  const [left] = open;
  return left === undefined ? null : { found: `a ${left} that is not closed`, remedy: 'Close it.' };
}

/** The names that a condition calls as functions, in lower case where they are not quoted. */
export function calledNames(sql: string): string[] {
  const tokens = tokensOf(sql);
  const called = tokens.filter((token, i) => tokens[i + 1] === '(' && /^[\p{L}_"]/u.test(token));
  return [...new Set(called.map((name) => (name.startsWith('"') ? name.slice(1, -1) : name.toLowerCase())))];
}

const pairs: Readonly<Record<')' | ']', string>> = { ')': '(', ']': '[' };

/** Texts, names, comments and single characters; white space is left out. A text or a name that does not end is one. */
function tokensOf(sql: string): string[] {
  const token = /[a-z]?&?'(?:[^']|'')*'?|"(?:[^"]|"")*"?|--|\/\*|[\p{L}_][\p{L}\p{N}_$]*|\d[\p{L}\p{N}_.]*|\S/giu;
  return sql.match(token) ?? [];
}

function refusedToken(token: string): ConditionTrouble | null {
  if (token.includes('\0')) return { found: 'a zero byte', remedy: 'Remove it.' };
  if (/^(.*'|")/su.test(token)) return refusedQuote(token);
  if (token === ';') return { found: 'a ;', remedy: 'Write one condition, and not a statement.' };
  if (token === '--' || token === '/*') return { found: `the comment ${token}`, remedy: 'Write it into reason.' };
  if (token.includes('$')) return { found: 'a $', remedy: "Write texts in single quotes: 'text'." };
  if (/^(select|table)$/i.test(token))
    return { found: `a query (${token})`, remedy: 'Use a check with references to look into another table.' };
  return null;
}

function refusedQuote(token: string): ConditionTrouble | null {
  const quote = token.startsWith('"') ? '"' : "'";
  if (quote === "'" && !token.startsWith("'"))
    return { found: `a text with the prefix ${token.split("'")[0]}`, remedy: "Write texts in plain quotes: 'text'." };
  // A doubled quote stands for itself, so that an odd number leaves one open.
  if (token.split(quote).length % 2 === 0) return { found: `a ${quote} that is not closed`, remedy: 'Close it.' };
  return null;
}
