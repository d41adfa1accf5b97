// `npm run bench`: Loadline against the fastest load written by hand, in turn, on one server. See README.md.
import { createRequire } from 'node:module';
import { loadavg } from 'node:os';
import { fileURLToPath } from 'node:url';
import { cases, estimate, minutes } from './cases.mjs';
import { loadAverage } from './facts-text.mjs';
import { readOptions, usage, UsageError } from './options.mjs';
import { writePage } from './page.mjs';
import { readResults } from './results.mjs';
import { endAll } from './teardown.mjs';

const require = createRequire(import.meta.url);
const { stopSignal } = require('../dist/cli/stop-signal.js');
const page = fileURLToPath(new URL('RESULTS.md', import.meta.url));
const quietLoad = 1;
const say = (text) => process.stdout.write(`${text}\n`);
const warn = (text) => process.stderr.write(`${text}\n`);

async function main(argv, isStopping) {
  const options = readOptions(argv);
  if (options.help) return say(usage);
  if (options.list) return list(options);
  if (options.report) return report(options);
  if (loadavg()[0] > quietLoad)
    warn(`The load average is ${loadAverage()}: something else is running, and the figures will say little.`);
  const { measure } = await import('./measure.mjs');
  return measure(options, { say, warn, page, isStopping });
}

function list(options) {
  for (const each of options.cases) {
    const time = minutes(estimate([each], options)).padStart(6);
    say(`${each.name.padEnd(20)} ${time}  ${each.title}, ${each.pairs} times`);
  }
  say(`${minutes(estimate(options.cases, options))} on two quiet cores, without peers.`);
  const others = cases.filter(({ name }) => !options.cases.some((each) => each.name === name));
  if (others.length) say(`\nOnly by --case: ${others.map(({ name }) => name).join(', ')}`);
}

async function report({ report: paths, page: path = page }) {
  const results = await readResults(paths);
  const commands = results.flatMap(({ command, peerRun }) => [command, ...(peerRun ? [peerRun.command] : [])]);
  await writePage(path, results, [...new Set(commands)]);
  say(`${path} is written: ${results.length} cases of ${paths.length} files.`);
}

async function run() {
  const stop = stopSignal(warn);
  const ended = main(process.argv.slice(2), stop.isAsked).then(
    (code) => code ?? 0,
    (error) => {
      if (!stop.isAsked()) warn(error instanceof UsageError ? error.message : String(error?.stack ?? error));
      return error instanceof UsageError ? 2 : 1;
    },
  );
  const code = await Promise.race([ended, stop.asked.then(() => 130)]);
  // What was under way finds its servers gone.
  if (stop.isAsked()) process.on('uncaughtException', () => {}).on('unhandledRejection', () => {});
  await endAll(warn);
  process.exit(code);
}

void run();
