import { execFile } from 'node:child_process';
import { extname, join } from 'node:path';
import type { CrashTask } from './crash-child';

const patienceMs = 50_000;

/** Loads both modules with what understands TypeScript, as the harness may be written in it. */
const program = `
  const [jitiPath, childPath, modulePath, task] = process.argv.slice(1);
  const jiti = require(jitiPath).createJiti(childPath);
  Promise.all([jiti.import(childPath), jiti.import(modulePath)]).then(([child, harness]) =>
    child.loadAndDie(harness.openHarness ?? harness.default.openHarness, JSON.parse(task)),
  ).catch((error) => {
    console.error(error);
    process.exit(1);
  });
`;

/** Runs a load in a process of its own until it is dead. @throws an error where it ended in another way */
export function dieOf(task: CrashTask, module: string): Promise<void> {
  const child = join(__dirname, `crash-child${extname(__filename)}`);
  const args = ['-e', program, require.resolve('jiti'), child, module, JSON.stringify(task)];
  return new Promise((resolve, reject) => {
    execFile(process.execPath, args, { timeout: patienceMs, killSignal: 'SIGTERM' }, (error, stdout, stderr) => {
      if ((error as { signal?: string } | null)?.signal === 'SIGKILL') return resolve();
      reject(
        new Error(`The process did not die as it should: ${error?.message ?? 'it ended well'}\n${stdout}\n${stderr}`),
      );
    });
  });
}
