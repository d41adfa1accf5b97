// `npm run bench`: Loadline against the fastest load written by hand, in turn, on one server. See README.md.
import { createRequire } from 'node:module';
import { loadavg } from 'node:os';
import { relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runParallelCase, runStepsCase } from './bare-case.mjs';
import { cases, estimate } from './cases.mjs';
import { openEnvironment } from './environment.mjs';
import { factsText, loadAverage, readFacts } from './facts.mjs';
import { runLoadCase } from './load-case.mjs';
import { readOptions, usage, UsageError } from './options.mjs';
import { writePage } from './page.mjs';
import { installPeers } from './peers/install.mjs';
import { runRerunCase } from './rerun-case.mjs';
import { openResults, readResults } from './results.mjs';
import { allMet, caseTable, formatted, peerTable } from './table.mjs';
import { endAll } from './teardown.mjs';

const require = createRequire(import.meta.url);
const { stopSignal } = require('../dist/cli/stop-signal.js');
const page = fileURLToPath(new URL('RESULTS.md', import.meta.url));
const quietLoad = 1;
const say = (text) => process.stdout.write(`${text}\n`);
const warn = (text) => process.stderr.write(`${text}\n`);
const kinds = { load: runLoadCase, rerun: runRerunCase, steps: runStepsCase, parallel: runParallelCase };

async function main(argv) {
  const options = readOptions(argv);
  if (options.help) return say(usage);
  if (options.list) return list(options);
  if (options.report) return report(options);
  if (loadavg()[0] > quietLoad)
    warn(`The load average is ${loadAverage()}: something else is running, and the figures will say little.`);
  return measure(options);
}

const minutes = (seconds) => (seconds < 90 ? `${Math.round(seconds)} s` : `${Math.round(seconds / 60)} min`);

function list(options) {
  for (const each of options.cases) say(line(each));
  say(`${minutes(estimate(options.cases, options))} on two quiet cores, without peers.`);
  const others = cases.filter(({ name }) => !options.cases.some((each) => each.name === name));
  if (others.length) say(`\nOnly by --case: ${others.map(({ name }) => name).join(', ')}`);
  function line(each) {
    return `${each.name.padEnd(20)} ${minutes(estimate([each], options)).padStart(6)}  ${each.title}, ${each.pairs} times`;
  }
}

async function report({ report: paths, page: path = page }) {
  const results = await readResults(paths);
  await writePage(path, results, [...new Set(results.map(({ command }) => command))]);
  say(`${path} is written: ${results.length} cases of ${paths.length} files.`);
}

async function measure(options) {
  const begun = Date.now();
  const whole = estimate(options.cases, options);
  say(
    `${options.cases.length} cases, about ${minutes(whole)} on two quiet cores${options.peers ? ' and the peers' : ''}.`,
  );
  const peers = options.peers ? await installPeers(say) : [];
  const bench = { ...(await openEnvironment({ rows: options.rows, say })), peers };
  const facts = await readFacts(bench.database, bench.client);
  const results = await openResults(facts);
  say(`${factsText(facts)}; load average ${loadAverage()}`);
  const done = [];
  for (const each of options.cases) {
    const passed = minutes((Date.now() - begun) / 1000);
    say(`\n${each.title} (${each.name}; load average ${loadAverage()}; ${passed} of about ${minutes(whole)})`);
    const result = { command: commandOf(), ...(await runCase(bench, each)) };
    done.push(result);
    await results.add(result);
  }
  say(`\n${await formatted([caseTable(done), peerTable(done)].join('\n\n'), page)}`);
  say(`Each case as JSON: ${relative(process.cwd(), results.path)}`);
  if (!allMet(done)) say('A target is missed.');
  return done.some(({ error }) => error) ? 1 : 0;
}

const commandOf = () =>
  ['npm run bench', ...(process.argv.length > 2 ? ['--', ...process.argv.slice(2)] : [])].join(' ');

/** A case that fails is told, and does not keep the others from running. */
async function runCase(bench, each) {
  const { kind, name, title, pairs, target } = each;
  const load = { before: loadAverage() };
  const begun = Date.now();
  const result = await kinds[kind](bench, each).catch((error) => {
    warn(`  FAILED: ${error?.stack ?? error}`);
    return { error: causeOf(error) };
  });
  const seconds = Math.round((Date.now() - begun) / 1000);
  return { kind, case: name, title, pairs, target, load: { ...load, after: loadAverage() }, seconds, ...result };
}

/** A failed load's own sentence is the innermost. */
const causeOf = (error) => (error?.cause ? causeOf(error.cause) : String(error?.message ?? error));

async function run() {
  const stop = stopSignal(warn);
  const ended = main(process.argv.slice(2)).then(
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
