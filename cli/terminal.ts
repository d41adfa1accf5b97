import pc from 'picocolors';

/** Where output goes. `process` is one. */
export interface Streams {
  readonly stdout: { write(text: string): unknown };
  readonly stderr: { write(text: string): unknown; readonly isTTY?: boolean | undefined };
}

/** How a command speaks: results on stdout, everything else on stderr. */
export interface Terminal {
  readonly json: boolean;
  readonly verbose: boolean;
  /** Whether a person watches: progress may be redrawn, and questions may be asked. */
  readonly interactive: boolean;
  /** The command's one result: as JSON with `--json`, else as text. */
  result(value: unknown, text: () => string): void;
  /** Something on the way to the result. */
  note(text: string): void;
}

/** Makes the terminal of a run. */
export function terminalOf(streams: Streams, options: { readonly json: boolean; readonly verbose: boolean }): Terminal {
  return {
    ...options,
    interactive: streams.stderr.isTTY === true && !options.json,
    result: (value, text) => void streams.stdout.write(`${options.json ? JSON.stringify(value) : text()}\n`),
    note: (text) => void streams.stderr.write(`${text}\n`),
  };
}

/** Colours; plain where NO_COLOR is set or output is no terminal. */
export const paint = pc;

/** Lines of `name  value`, with the values below each other. Those without a value are left out. */
export function fields(entries: readonly (readonly [name: string, value: string | undefined])[], indent = ''): string {
  const shown = entries.filter((entry): entry is readonly [string, string] => entry[1] !== undefined);
  const width = Math.max(...shown.map(([name]) => name.length));
  return shown.map(([name, value]) => `${indent}${paint.dim(name.padEnd(width))}  ${value}`).join('\n');
}
