import { spawn, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';

const main = join(__dirname, '../../../../dist/cli/main.js');
const terminal = join(__dirname, 'terminal.py');

/** How a program ended and what it left. */
export interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** A run of the built command. */
export interface Program {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
  /** Resolves once the text has been written, on whichever stream. */
  until(text: string | RegExp): Promise<void>;
  /** Everything written so far, without colours. */
  text(): string;
}

/** Runs the built command in a folder. */
export function start(cwd: string, env: NodeJS.ProcessEnv, args: readonly string[]): Program {
  return follow(spawn(process.execPath, [main, ...args], { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] }));
}

/** Runs the built command with a terminal of its own, whose keys are what is written to stdin. */
export function startOnTerminal(cwd: string, env: NodeJS.ProcessEnv, args: readonly string[]): Program {
  return follow(
    spawn('python3', [terminal, process.execPath, main, ...args], { cwd, env, stdio: ['pipe', 'pipe', 'pipe'] }),
  );
}

function follow(child: ChildProcess): Program {
  let out = '';
  let err = '';
  const waiting = new Set<() => void>();
  const heard = (): void => waiting.forEach((look) => look());
  child.stdout?.setEncoding('utf8').on('data', (text: string) => ((out += text), heard()));
  child.stderr?.setEncoding('utf8').on('data', (text: string) => ((err += text), heard()));
  const text = (): string => stripVTControlCharacters(out + err);
  const ended = new Promise<Ended>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, out, err }));
  });
  return {
    child,
    ended,
    text,
    until: (wanted) =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          if (typeof wanted === 'string' ? !text().includes(wanted) : !wanted.test(text())) return;
          waiting.delete(look);
          resolve();
        };
        waiting.add(look);
        look();
        ended.then(() => reject(new Error(`ended without ${String(wanted)}:\n${text()}`)), reject);
      }),
  };
}
