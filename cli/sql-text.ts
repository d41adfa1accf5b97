import { paint, widthOf } from './terminal';

const clause = /^(SELECT|FROM|WHERE|SET|USING|VALUES|ON|ORDER|GROUP|HAVING|RETURNING|LIMIT|WHEN)$/;
const part = /^(AND|OR)$/;

/** A statement of ours, a line for each clause, and none wider than so many columns where a word can be moved. */
export function sqlText(sql: string, columns = Infinity): string {
  const lines: string[][] = [[]];
  let depth = 0;
  let before = '';
  // What is quoted is never broken.
  for (const word of sql.match(/(?:[^\s'"]|'(?:[^']|'')*'|"(?:[^"]|"")*")+/g) ?? []) {
    // `DELETE FROM` and `IS DISTINCT FROM` belong together.
    const belongs = /^(DELETE|DISTINCT)$/.test(before);
    if (depth === 0 && !belongs && (clause.test(word) || part.test(word))) lines.push([]);
    lines.at(-1)?.push(word);
    const bare = word.replace(/'(?:[^']|'')*'|"(?:[^"]|"")*"/g, '');
    depth += bare.split('(').length - bare.split(')').length;
    before = word;
  }
  const shown = lines.filter((words) => words.length > 0);
  return shown.map((words, index) => lineOf(words, index === 0 ? '' : '  ', columns)).join('\n');
}

function lineOf(words: readonly string[], indent: string, columns: number): string {
  const lead = part.test(words[0] ?? '') ? `${indent}  ` : indent;
  const lines: string[] = [lead];
  for (const word of words) {
    const last = lines.at(-1) ?? '';
    const longer = last.trim() === '' ? last + tinted(word) : `${last} ${tinted(word)}`;
    if (last.trim() === '' || widthOf(longer) <= columns) lines[lines.length - 1] = longer;
    else lines.push(`${lead}    ${tinted(word)}`);
  }
  return lines.join('\n');
}

const tinted = (word: string): string => (/^[A-Z]{2,}$/.test(word) ? paint.cyan(word) : word);
