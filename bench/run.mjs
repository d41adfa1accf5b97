// `npm run bench`: Loadline against the fastest load written by hand, in pairs, on one server. See README.md.
import { execFileSync } from 'node:child_process';
import { mkdir, readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { caseNames, loadCases, rerunCase } from './cases.mjs';
import { makeData } from './data.mjs';
import { openDatabase } from './database.mjs';
import { fastestThreads, floorLoad, rankVariants, readVariants } from './floor.mjs';
import { loadAverage, openResults, partsText, readFacts, renderTable, writeResultsPage } from './results.mjs';
import { median, medians, spread } from './stats.mjs';
import { nextLoad, runLoad, startWorker } from './worker.mjs';

const require = createRequire(import.meta.url);
const { startStack } = require('../dist/workers/embedded/stack.js');
const dataFolder = fileURLToPath(new URL('.data/', import.meta.url));
const full = { rows: 1_000_000, pairs: 3 };
const say = (text) => process.stdout.write(`${text}\n`);

const usage = `npm run bench -- [--rows N] [--pairs N] [--case NAME]…
  --rows   rows of a file, a multiple of 100 (${full.rows.toLocaleString('en')})
  --pairs  pairs of floor and Loadline for each case (${full.pairs})
  --case   ${caseNames.join(', ')}; may be repeated (all)
RESULTS.md is written when all cases run with at least the default rows and pairs.`;

function readOptions() {
  const { values } = parseArgs({
    options: {
      rows: { type: 'string', default: String(full.rows) },
      pairs: { type: 'string', default: String(full.pairs) },
      case: { type: 'string', multiple: true, default: caseNames },
      help: { type: 'boolean', default: false },
    },
  });
  const [rows, pairs] = [Number(values.rows), Number(values.pairs)];
  if (!(rows > 0 && rows % 100 === 0)) throw new TypeError(`--rows ${values.rows}: a multiple of 100\n${usage}`);
  if (!(pairs > 0 && Number.isInteger(pairs)))
    throw new TypeError(`--pairs ${values.pairs}: a whole number from 1\n${usage}`);
  const unknown = values.case.find((name) => !caseNames.includes(name));
  if (unknown) throw new TypeError(`--case ${unknown}: no such case\n${usage}`);
  return { rows, pairs, cases: new Set(values.case), help: values.help };
}

async function main() {
  const options = readOptions();
  if (options.help) return say(usage);
  const data = await makeData(join(dataFolder, 'files'), options.rows);
  say(`Data: ${partsText(Object.fromEntries(Object.entries(data.bytes).map(([n, b]) => [n, b / 1e6])))} MB`);
  const stateDir = join(dataFolder, '.loadline');
  await mkdir(stateDir, { recursive: true });
  const stack = await startStack({ stateDir, onProgress: say });
  try {
    process.env.BENCH_DATABASE_URL = stack.postgres.url;
    const database = await openDatabase(
      stack.postgres.url,
      stack.postgres.embedded ? join(stateDir, 'postgres.log') : null,
    );
    try {
      await measure({ ...options, data, stack, database });
    } finally {
      await database.close();
    }
  } finally {
    await stack.stop();
  }
}

async function measure({ rows, pairs, cases, data, stack, database }) {
  const { loadConfig } = await import('loadline/workers');
  const { createClient } = await import('loadline/client');
  const config = await loadConfig({ path: fileURLToPath(new URL('loadline.config.mjs', import.meta.url)) });
  const { address, namespace } = stack.temporal;
  const client = await createClient(config, { address, namespace });
  const facts = await readFacts(database, await versions(client));
  const results = await openResults(facts);
  say(
    `${facts.machine}; Node ${facts.node}, PostgreSQL ${facts.postgres}, Temporal ${facts.temporal}; load average ${loadAverage()}`,
  );
  const bench = { rows, pairs, data, stack, database, client, rankings: new Map() };
  const done = [];
  try {
    await fillBase(bench);
    for (const each of [...loadCases, rerunCase].filter(({ name }) => cases.has(name))) {
      const result = await (each === rerunCase ? runAgain(bench, each) : runPairs(bench, each));
      done.push(result);
      await results.add(result);
    }
  } finally {
    await client.close();
  }
  say(`\n${renderTable(done)}\n\nEach case as JSON: ${fileURLToPath(results.file)}`);
  if (rows < full.rows || pairs < full.pairs || done.length < caseNames.length) return;
  await writeResultsPage({ facts, results: done, command: 'npm run bench' });
  say('RESULTS.md is written.');
}

async function versions({ temporal }) {
  const { serverVersion } = await temporal.workflowService.getSystemInfo({});
  const { version } = JSON.parse(await readFile(new URL('../package.json', import.meta.url), 'utf8'));
  return { temporalVersion: serverVersion, loadlineVersion: `${version}${commit()}` };
}

function commit() {
  try {
    const git = (...args) =>
      execFileSync('git', args, { cwd: dataFolder, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
    return ` at ${git('rev-parse', '--short', 'HEAD')}${git('status', '--porcelain', '--', ':/', ':!/bench') ? ' with changes' : ''}`;
  } catch {
    return '';
  }
}

/** The rows that full tables begin with. */
async function fillBase({ database, data }) {
  await database.makeTable('floor_target', false);
  await floorLoad(database, join(data.folder, 'day1.csv'), {
    sql: 'CREATE TABLE bench.base AS SELECT * FROM bench.floor_stage',
  });
}

async function runPairs(bench, { name, title, file, full: isFull, target }) {
  const { rows, pairs, data, stack, database, client } = bench;
  say(`\n${title} (load average ${loadAverage()})`);
  const load = { before: loadAverage() };
  const path = join(data.folder, file);
  const prepare = (table) => database.makeTable(table, isFull);
  const ranking = await rankingFor(bench, { file, isFull, prepare });
  const threads = file.endsWith('.parquet') ? await fastestThreads(database, path) : null;
  const variant = { ...ranking[0], ...(threads && { threads }) };
  say(
    `  floor: ${ranking.map((r) => `${r.name} ${Math.round(r.ms)}`).join(', ')} ms${threads ? `; DuckDB with ${threads} threads` : ''}`,
  );
  const worker = await startWorker(stack.temporal);
  const [floors, loads] = [[], []];
  try {
    const request = () => nextLoad(`${data.prefix}/${file}`);
    await warmUp({ client, worker, database, prepare, request, path, variant });
    for (let pair = 1; pair <= pairs; pair++) {
      await prepare('floor_target');
      await database.settle();
      floors.push(await floorLoad(database, path, variant));
      const expected = await database.fingerprint('floor_target');
      await prepare('events');
      await database.settle();
      loads.push(await runLoad({ client, worker, database }, request()));
      const got = await database.fingerprint('events');
      if (got !== expected) throw new Error(`${name}: the floor's table has ${expected}, Loadline's ${got}.`);
      sayPair(pair, floors.at(-1), loads.at(-1));
    }
  } finally {
    await worker.stop();
  }
  load.after = loadAverage();
  return {
    case: name,
    title,
    rows,
    pairs,
    variant: threads ? `${variant.name}, DuckDB with ${threads} threads` : variant.name,
    target,
    load,
    ...summary(worker, floors, loads),
    ranking: Object.fromEntries(ranking.map((r) => [r.name, Math.round(r.ms)])),
  };
}

/** The variants of the floor, the fastest first. A stage is the same whatever the format of its file. */
async function rankingFor({ rankings, database, data }, { file, isFull, prepare }) {
  const [day] = file.split('.');
  const key = `${day}/${isFull}`;
  if (!rankings.has(key)) {
    const variants = await readVariants(isFull ? 'merge' : 'empty');
    const path = join(data.folder, `${day}.csv`);
    rankings.set(key, await rankVariants({ database, file: path, variants, prepare: () => prepare('floor_target') }));
  }
  return rankings.get(key);
}

/** Once each, untimed: a production worker has run loads before, and files have been read. */
async function warmUp({ client, worker, database, prepare, request, path, variant }) {
  await prepare('floor_target');
  await floorLoad(database, path, variant);
  await prepare('events');
  await runLoad({ client, worker, database }, request());
}

function sayPair(pair, floor, load) {
  say(`  ${pair}: floor ${Math.round(floor.ms)} ms (${partsText(floor.parts)})`);
  say(
    `     Loadline ${Math.round(load.ms)} ms (${partsText(load.activities)}), peak ${megabytes(load.peakBytes)} MB, ratio ${(load.ms / floor.ms).toFixed(2)}`,
  );
  say(`     statements: ${partsText(load.statements)}`);
}

const megabytes = (bytes) => Math.round(bytes / 1e6);

function summary(worker, floors, loads) {
  const activities = loads.map((l) => ({
    ...l.activities,
    rest: l.ms - Object.values(l.activities).reduce((a, b) => a + b, 0),
  }));
  return {
    ratio: spread(loads.map((l, i) => l.ms / floors[i].ms)),
    floor: { ms: spread(floors.map((f) => f.ms)), parts: medians(floors.map((f) => f.parts)) },
    loadline: {
      ms: spread(loads.map((l) => l.ms)),
      activities: medians(activities),
      statements: medians(loads.map((l) => l.statements)),
    },
    peakMb: megabytes(Math.max(worker.startPeakBytes, ...loads.map((l) => l.peakBytes))),
    startPeakMb: megabytes(worker.startPeakBytes),
    receipt: loads[0].receipt.tables[0],
  };
}

async function runAgain({ rows, data, stack, database, client }, { name, title, file, runs, targetMs }) {
  say(`\n${title} (load average ${loadAverage()})`);
  const load = { before: loadAverage() };
  await database.makeTable('events', false);
  const worker = await startWorker(stack.temporal);
  const again = [];
  try {
    const request = nextLoad(`${data.prefix}/${file}`);
    await runLoad({ client, worker, database }, request);
    for (let run = 0; run < runs; run++) {
      const { ms, activities, receipt } = await runLoad({ client, worker, database }, request);
      if (receipt.outcome !== 'already-loaded') throw new Error(`${name}: the second run says ${receipt.outcome}.`);
      again.push({ ms, activityMs: Object.values(activities).reduce((a, b) => a + b, 0), activities });
    }
  } finally {
    await worker.stop();
  }
  const rerun = {
    runs,
    ms: spread(again.map((r) => r.ms)),
    activityMs: spread(again.map((r) => r.activityMs)),
    activities: medians(again.map((r) => r.activities)),
  };
  say(`  ${Math.round(median(again.map((r) => r.activityMs)))} ms of activity time: ${partsText(rerun.activities)}`);
  load.after = loadAverage();
  return { case: name, title, rows, target: targetMs, load, rerun };
}

main().then(
  () => process.exit(),
  (error) => {
    process.stderr.write(`${error instanceof TypeError ? error.message : (error?.stack ?? error)}\n`);
    process.exit(error instanceof TypeError ? 2 : 1);
  },
);
