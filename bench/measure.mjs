// Runs cases, one after the other.
import { relative } from 'node:path';
import { runParallelCase, runStepsCase } from './bare-case.mjs';
import { estimate, minutes } from './cases.mjs';
import { runChecksCase } from './checks-case.mjs';
import { openEnvironment } from './environment.mjs';
import { factsText, loadAverage } from './facts-text.mjs';
import { readFacts } from './facts.mjs';
import { runLoadCase } from './load-case.mjs';
import { installPeers } from './peers/install.mjs';
import { runReplayCase, runSampleCase } from './replay-case.mjs';
import { runRerunCase } from './rerun-case.mjs';
import { runWarehouseCase } from './warehouses/case.mjs';
import { openResults } from './results.mjs';
import { allMet, caseTable, formatted, peerTable } from './table.mjs';

const kinds = {
  load: runLoadCase,
  checks: runChecksCase,
  rerun: runRerunCase,
  steps: runStepsCase,
  parallel: runParallelCase,
  replay: runReplayCase,
  sample: runSampleCase,
  warehouse: runWarehouseCase,
};

/** Measures the chosen cases and resolves to the exit code. */
export async function measure({ cases, rows, peers: withPeers }, { say, warn, page, isStopping }) {
  const begun = Date.now();
  const whole = minutes(estimate(cases, { rows }));
  say(`${cases.length} cases, about ${whole} on two quiet cores${withPeers ? ' and the peers' : ''}.`);
  const peers = withPeers ? await installPeers(say) : [];
  const bench = { ...(await openEnvironment({ rows, say, ...neededBy(cases) })), peers };
  const facts = await readFacts(bench.database, bench.client);
  const results = await openResults(facts);
  say(`${factsText(facts)}; load average ${loadAverage()}`);
  const done = [];
  for (const each of cases) {
    const passed = minutes((Date.now() - begun) / 1000);
    say(`\n${each.title} (${each.name}; load average ${loadAverage()}; ${passed} of about ${whole})`);
    const result = { command: commandOf(), ...(await runCase(bench, each, { warn, isStopping })) };
    done.push(result);
    await results.add(result);
  }
  say(`\n${await formatted([caseTable(done), peerTable(done)].join('\n\n'), page)}`);
  say(`Each case as JSON: ${relative(process.cwd(), results.path)}`);
  if (!allMet(done)) say('A target is missed.');
  return done.some(({ error }) => error) ? 1 : 0;
}

const neededBy = (cases) => ({
  standins: new Set(cases.flatMap(({ warehouse }) => warehouse ?? [])),
  withObjects: cases.some(({ store }) => store === 'objects'),
});

const commandOf = () =>
  ['npm run bench', ...(process.argv.length > 2 ? ['--', ...process.argv.slice(2)] : [])].join(' ');

/** A case that fails is told, and does not keep the others from running. */
async function runCase(bench, each, { warn, isStopping }) {
  const { kind, name, title, pairs, target } = each;
  const load = { before: loadAverage() };
  const begun = Date.now();
  const result = await kinds[kind](bench, each).catch((error) => {
    if (isStopping()) throw error;
    warn(`  FAILED: ${error?.stack ?? error}`);
    return { error: causeOf(error) };
  });
  const seconds = Math.round((Date.now() - begun) / 1000);
  return { kind, case: name, title, pairs, target, load: { ...load, after: loadAverage() }, seconds, ...result };
}

/** A failed load's own sentence is the innermost. */
const causeOf = (error) => (error?.cause ? causeOf(error.cause) : String(error?.message ?? error));
