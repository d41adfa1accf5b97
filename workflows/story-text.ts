import { impossibleLines } from './verdict';
import type { FailedCheck, FailedTable, HeldLoad, LoadReceipt, TableReceipt } from './contract';

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
export function endText({ outcome, tables, warnings, publishedAt, workflowId, verdict }: LoadReceipt): string {
  const before = `Nothing was changed: this content was published ${timeText(publishedAt)} by workflow ${code(workflowId)}. What it did then:`;
  const lists = tables.map((table) => {
    const items = countsOf(table).map(([name, value]) => `- ${value > 0 ? `**${counted(value)}**` : 'none'} ${name}`);
    return [...(tables.length > 1 ? [`${code(table.table)}, ${table.mode}`, ''] : []), ...items].join('\n');
  });
  const told = warnings.map(({ code: name, message }) => `! **${name}** ${commandApart(message)}`);
  const decided = verdict
    ? [`**${verdict.verdict}** by ${code(verdict.by)}: ${code(verdict.reason)}`, list(failedLines(verdict.failed))]
    : [];
  if (outcome === 'rejected') return ['Nothing was published.', ...decided].join('\n\n');
  return [...(outcome === 'already-loaded' ? [before] : []), ...lists, ...decided, ...told].join('\n\n');
}

/** A check that failed, in a few words. */
export const failedText = ({ id, expected, got, reason }: FailedCheck): string =>
  `${id}: expected ${expected}, got ${got}${reason === undefined ? '' : ` (${reason})`}`;

/** Which checks failed, in a line each. */
export function failedLines(failed: readonly FailedTable[]): string[] {
  return failed.flatMap(({ table, checks }) =>
    checks.map((check) => `${failed.length > 1 ? `${table} ` : ''}${failedText(check)}`),
  );
}

/** Why a load is held and how somebody decides, as Markdown for the Temporal UI. */
export function heldText({ loadKey, failed, choices, until, then }: HeldLoad, workflowId: string): string {
  // Lines are copied in a hurry: the one shown publishes no row that breaks a check.
  const shown = choices.includes('quarantine') ? 'quarantine' : 'reject';
  const input = { verdict: shown, by: 'me', reason: 'why' };
  return [
    'The contract failed, and nothing is published yet:',
    list(failedLines(failed)),
    ...notOffered(failed),
    `It waits for a verdict, which is ${choices.map((c) => `**${c}**`).join(' or ')}, until ${timeText(until)}; then it is: **${then}**.`,
    `\`\`\`sh\nloadline held ${shown} ${quoted(loadKey)} --reason 'why'\n\`\`\``,
    `\`\`\`sh\ntemporal workflow update execute --workflow-id ${quoted(workflowId)} --name verdict --input ${quoted(JSON.stringify(input))}\n\`\`\``,
  ].join('\n\n');
}

/** Which verdicts a held load cannot be given, and why. */
export function notOffered(failed: readonly FailedTable[]): string[] {
  return (['release', 'quarantine'] as const).flatMap((verdict) =>
    impossibleLines(failed, verdict).map((why) => `The table would not take a ${verdict}: ${why}.`),
  );
}

const shownLines = 50;

function list(lines: readonly string[]): string {
  const more = lines.length > shownLines ? [`- … and ${counted(lines.length - shownLines)} more`] : [];
  return [...lines.slice(0, shownLines).map((line) => `- ${code(line)}`), ...more].join('\n');
}

/** A text as one word of a shell. */
const quoted = (text: string): string => `'${text.replaceAll("'", String.raw`'\''`)}'`;

/** `604800000` as `7 days`, `90000` as `90 s`. */
export function durationText(ms: number): string {
  const units = [['day', 86_400_000], ['h', 3_600_000], ['min', 60_000], ['s', 1000]] as const; // prettier-ignore
  const [unit, size] = units.find(([, size]) => ms >= size && ms % size === 0) ?? (['ms', 1] as const);
  return `${ms / size} ${unit}${unit === 'day' && ms > size ? 's' : ''}`;
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

/** A command that a message ends with is code, to be copied as it is. */
const commandApart = (message: string): string =>
  message.replace(/(?<=:) loadline .*$/, (command) => `\n\n\`\`\`sh\n${command.trim()}\n\`\`\``);
