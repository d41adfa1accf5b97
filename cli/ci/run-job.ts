import { spawn } from 'node:child_process';
import { globSync } from 'tinyglobby';
import { exitCodes, type ExitCode } from '../exit-code';
import { paint, type Terminal } from '../terminal';
import { alsoNeeded, jobs, type Call, type JobName } from './jobs';
import { jobInputs } from './inputs';

/** The commands that a job stands for, in these surroundings. @throws `UsageError` */
export function callsOf(job: JobName, env: NodeJS.ProcessEnv): readonly Call[] {
  const inputs = jobInputs(env);
  for (const name of alsoNeeded[job] ?? []) inputs.text(name);
  return jobs[job](inputs, {
    buildId: env['LOADLINE_BUILD_ID'],
    reports: (env['LOADLINE_CI_REPORTS'] ?? 'junit,markdown').split(',').filter(Boolean),
    glob: (pattern) => globSync(pattern, { onlyFiles: true, expandDirectories: false }).sort(),
  });
}

/** Runs a job of the templates: tells each command, runs it, and goes on to the next only if it makes sense. */
export async function runJob(job: JobName, terminal: Terminal): Promise<ExitCode> {
  let worst: ExitCode = exitCodes.ok;
  for (const call of callsOf(job, process.env)) {
    terminal.note(paint.dim(`$ ${[call.program, ...call.args].map(quoted).join(' ')}`));
    const code = await runCall(call);
    if (code !== exitCodes.ok && worst === exitCodes.ok) worst = code;
    // Every sample is looked at; a test that follows a failed one says nothing.
    if (code !== exitCodes.ok && job !== 'quality') break;
  }
  return worst;
}

/** A secret that is not set is an empty variable in GitHub, which would be taken at its word. */
export function withoutEmpty(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const told = /^(TEMPORAL_|DATABASE_URL$)/;
  return Object.fromEntries(Object.entries(env).filter(([name, value]) => value !== '' || !told.test(name)));
}

function runCall({ program, args }: Call): Promise<ExitCode> {
  const [file, ...before] = program === 'npm' ? ['npm'] : [process.execPath, process.argv[1] ?? ''];
  const shell = program === 'npm' && process.platform === 'win32';
  return new Promise((resolve, reject) => {
    const child = spawn(file!, [...before, ...args], {
      env: withoutEmpty(process.env),
      stdio: ['ignore', 'inherit', 'inherit'],
      shell,
    });
    // The runner tells the whole group to stop; what a command still has to put right it does before it ends.
    const pass = (signal: NodeJS.Signals): void => void child.kill(signal);
    process.on('SIGINT', pass).on('SIGTERM', pass);
    child.once('error', reject);
    child.once('close', (code) => {
      process.off('SIGINT', pass).off('SIGTERM', pass);
      resolve((code ?? exitCodes.failed) as ExitCode);
    });
  });
}

const quoted = (word: string): string => (/^[\w./:=,@%+-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`);
