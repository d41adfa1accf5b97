import { stripVTControlCharacters } from 'node:util';
import pc from 'picocolors';

/** A place to write to. */
export interface Stream {
  write(text: string, done?: () => void): unknown;
  readonly isTTY?: boolean | undefined;
  readonly columns?: number | undefined;
}

/** Where output goes. `process` is one. */
export interface Streams {
  readonly stdout: Stream;
  readonly stderr: Stream;
}

/** How a command speaks: results on stdout, everything else on stderr. */
export interface Terminal {
  readonly json: boolean;
  readonly verbose: boolean;
  /** Whether a person watches: progress may be redrawn, and questions may be asked. */
  readonly interactive: boolean;
  /** How wide the lines of {@link Terminal.note} may be; endless where nobody watches, so that piped text is stable. */
  readonly columns: number;
  /** The command's one result: as JSON with `--json`, else as text of at most so many columns. */
  result(value: unknown, text: (columns: number) => string): void;
  /** Data that is the result, as it is; resolves when it is written. */
  data(text: string): Promise<void>;
  /** Something on the way to the result. */
  note(text: string): void;
  /** A text as {@link Terminal.note} would show it: without colours where stderr has none. */
  tinted(text: string): string;
}

/** Makes the terminal of a run. */
export function terminalOf(streams: Streams, options: { readonly json: boolean; readonly verbose: boolean }): Terminal {
  const { stdout, stderr } = streams;
  return {
    ...options,
    interactive: stderr.isTTY === true && !options.json,
    columns: columnsOf(stderr),
    result: (value, text) => {
      const shown = options.json ? JSON.stringify(value) : tint(text(columnsOf(stdout)), stdout);
      stdout.write(`${shown}\n`);
    },
    data: (text) => new Promise((resolve) => void stdout.write(text, () => resolve())),
    note: (text) => void stderr.write(`${tint(text, stderr)}\n`),
    tinted: (text) => tint(text, stderr),
  };
}

/** Paints always; what a stream cannot show is taken out when it is written. */
export const paint = pc.createColors(true);

function tint(text: string, stream: Stream): string {
  return hasColours(stream) ? text : stripVTControlCharacters(text);
}

/** By the conventions: NO_COLOR wins, then FORCE_COLOR, then whether it is a terminal. */
function hasColours({ isTTY }: Stream): boolean {
  const { NO_COLOR, FORCE_COLOR, TERM } = process.env;
  if (NO_COLOR) return false;
  if (FORCE_COLOR !== undefined) return FORCE_COLOR !== '0';
  return isTTY === true && TERM !== 'dumb';
}

const columnsOf = ({ isTTY, columns }: Stream): number => (isTTY === true ? columns || 80 : Infinity);

/** How many columns a text takes, colours aside. */
export const widthOf = (text: string): number => stripVTControlCharacters(text).length;

/** A text behind its head, broken between words so that no line is wider, all below each other. */
export function hang(head: string, text: string, columns: number): string {
  const indent = ' '.repeat(widthOf(head));
  const lines = text.split('\n').flatMap((line) => broken(line, Math.max(columns - indent.length, 20)));
  return head + lines.join(`\n${indent}`);
}

/** A word that is wider, such as a path, stays whole: it is there to be copied. */
function broken(line: string, columns: number): string[] {
  if (widthOf(line) <= columns) return [line];
  const lines: string[] = [];
  for (const word of line.split(' ')) {
    const last = lines.at(-1);
    if (last === undefined || widthOf(`${last} ${word}`) > columns) lines.push(word);
    else lines[lines.length - 1] = `${last} ${word}`;
  }
  return lines;
}

/** A name and what is said of it; without a value it is left out. */
export type Field = readonly [name: string, value: string | undefined];

/** Lines of `name  value`, with the values below each other. */
export function fields(entries: readonly Field[], indent = '', columns = Infinity): string {
  const shown = entries.filter((entry): entry is readonly [string, string] => entry[1] !== undefined);
  const width = Math.max(...shown.map(([name]) => name.length));
  return shown.map(([name, value]) => hang(`${indent}${paint.dim(name.padEnd(width))}  `, value, columns)).join('\n');
}
