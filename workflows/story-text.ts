import type { LoadReceipt, TableReceipt } from './contract';

/** `1234567` as `1,234,567`: what formats by locale changes with Node's data, and is not for workflows. */
export const counted = (value: number): string => String(value).replace(/\B(?=(\d{3})+$)/g, ',');

/** `1 row`, `1,200 rows`. */
export const rowsOf = (value: number): string => `${counted(value)} row${value === 1 ? '' : 's'}`;

/** What became of the rows of a table, in one line: what did not happen is left out. */
export function tableLine(table: TableReceipt, named: boolean): string {
  const counts = countsOf(table).map(([name, value]) => `${counted(value)} ${name}`);
  return `${named ? `${table.table}: ` : ''}${counts.join(', ')}`;
}

/** How a load ended, as Markdown for the Temporal UI. */
export function endText({ outcome, tables, warnings, publishedAt, workflowId }: LoadReceipt): string {
  const before = `Nothing was changed: this content was published ${timeText(publishedAt)} by workflow ${code(workflowId)}. What it did then:`;
  const lists = tables.map((table) => {
    const items = countsOf(table).map(([name, value]) => `- ${value > 0 ? `**${counted(value)}**` : 'none'} ${name}`);
    return [...(tables.length > 1 ? [`${code(table.table)}, ${table.mode}`, ''] : []), ...items].join('\n');
  });
  const told = warnings.map(({ code: name, message }) => `! **${name}** ${queryApart(message)}`);
  return [...(outcome === 'already-loaded' ? [before] : []), ...lists, ...told].join('\n\n');
}

/** Why a load failed, as Markdown for the Temporal UI. */
export const failureText = (name: string, sentence: string): string =>
  [`**${name}** ${sentence}`.trim(), `More: \`loadline explain ${name}\``].join('\n\n');

/** A text as code: what is in it is no Markdown. */
export const code = (text: string): string => `\`${text.replaceAll('`', "'")}\``;

function countsOf(table: TableReceipt): [name: string, value: number][] {
  const names = ['read', 'inserted', 'updated', 'unchanged', 'stale', 'duplicates', 'quarantined', 'deleted', 'removed'] as const; // prettier-ignore
  return names.filter((name) => name === 'read' || table[name] > 0).map((name) => [name, table[name]]);
}

const timeText = (iso: string): string => `${iso.slice(0, 19).replace('T', ' ')} UTC`;

/** A query that a message ends with is code, so that quotes stay quotes when it is copied. */
const queryApart = (message: string): string =>
  message.replace(/(?<=:) SELECT .*$/, (query) => `\n\n\`\`\`sql\n${query.trim()}\n\`\`\``);
