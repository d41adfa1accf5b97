// Runs the built command on a real terminal and keeps what it wrote, with the time of each piece.
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const root = new URL('../../', import.meta.url);
const terminal = fileURLToPath(new URL('test/integration/cli/support/terminal.py', root));
const main = fileURLToPath(new URL('dist/cli/main.js', root));

export const surroundings = (folder, more = {}) => ({
  PATH: process.env.PATH,
  HOME: folder,
  LANG: 'C.UTF-8',
  TERM: 'xterm-256color',
  ...(process.env.LOADLINE_CACHE ? { LOADLINE_CACHE: process.env.LOADLINE_CACHE } : {}),
  ...more,
});

/** Starts `loadline` with arguments, `columns` wide. */
export function onTerminal(folder, columns, args) {
  const env = surroundings(folder, { TERMINAL_COLUMNS: String(columns) });
  const child = spawn('python3', [terminal, process.execPath, main, ...args], {
    cwd: folder,
    env,
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const pieces = [];
  child.stdout.on('data', (bytes) => pieces.push({ at: Date.now(), bytes }));
  const ended = new Promise((resolve) => child.once('close', (code) => resolve({ code, pieces })));
  const text = () => Buffer.concat(pieces.map(({ bytes }) => bytes)).toString();
  return { child, ended, text };
}

/** Runs it to its end. */
export async function record(folder, columns, args) {
  const { code, pieces } = await onTerminal(folder, columns, args).ended;
  return { code, pieces, bytes: Buffer.concat(pieces.map(({ bytes }) => bytes)) };
}
