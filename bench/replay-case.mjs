// The replay of many histories: Loadline against one bare call of the SDK over the same files; and a sample against all.
import { spawn } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { watchMemory } from './memory.mjs';
import { megabytes, spread } from './stats.mjs';
import { ratios, takeTurns } from './turns.mjs';

const require = createRequire(import.meta.url);
const at = (path) => fileURLToPath(new URL(path, import.meta.url));
const folder = at('.data/replay/');
const shapes = 12;
const base = 200;

/** Runs a case of kind `replay`. */
export async function runReplayCase({ say }, { histories, pairs }) {
  await prepare(histories);
  const side = (name) => ({ name, run: () => runSide(name, 'bundle.js', histories) });
  const { bare, loadline } = await takeTurns(pairs, ['bare', 'loadline'].map(side), (round, { name }, run) =>
    say(`  ${round}: ${name} ${Math.round(run.ms)} ms, peak ${megabytes(run.peakBytes)} MB`),
  );
  const peakMb = megabytes(Math.max(...loadline.map(({ peakBytes }) => peakBytes)));
  const few = [];
  for (let round = 1; round <= pairs; round++) few.push(await runSide('loadline', 'bundle.js', base));
  const basePeakMb = megabytes(Math.max(...few.map(({ peakBytes }) => peakBytes)));
  const wrong = loadline.find(({ replayed, findings }) => replayed !== histories || findings.length > 0);
  if (wrong) throw new Error(`${wrong.replayed} histories replayed, with ${wrong.findings.length} findings.`);
  return {
    ratio: spread(ratios(loadline, bare)),
    bare: { ms: spread(bare.map(({ ms }) => ms)) },
    loadline: { ms: spread(loadline.map(({ ms }) => ms)) },
    peakMb,
    basePeakMb,
    memoryRatio: peakMb / basePeakMb,
    runs: { bare, loadline, few },
  };
}

/** Runs a case of kind `sample`. */
export async function runSampleCase({ say }, { histories, pairs }) {
  await prepare(histories);
  const side = (name) => ({ name, run: () => runSide(name, 'changed.js', histories) });
  const { loadline: whole, sampled } = await takeTurns(
    pairs,
    ['loadline', 'sampled'].map(side),
    (round, { name }, run) =>
      say(`  ${round}: ${name} ${Math.round(run.ms)} ms, ${run.replayed} replayed, ${run.findings.length} findings`),
  );
  const found = new Set([...whole, ...sampled].map(({ findings }) => JSON.stringify(findings)));
  if (found.size !== 1 || whole[0].findings.length === 0)
    throw new Error(`A sample finds otherwise: ${[...found].join('\n')}`);
  if (sampled[0].shapes !== shapes) throw new Error(`${sampled[0].shapes} shapes, where ${shapes} should be.`);
  return {
    ratio: spread(ratios(whole, sampled)),
    whole: { ms: spread(whole.map(({ ms }) => ms)) },
    loadline: { ms: spread(sampled.map(({ ms }) => ms)) },
    replayed: { whole: whole[0].replayed, sampled: sampled[0].replayed },
    runs: { whole, sampled },
  };
}

/** Files of so many runs, of twelve paths in turn, each with a workflow id of its own; and the bundles. */
async function prepare(histories) {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(`${folder}histories`, { recursive: true });
  const recorded = at('../test/histories/0.1.0/');
  const texts = readdirSync(recorded)
    .filter((name) => name.endsWith('.json'))
    .map((name) => readFileSync(recorded + name, 'utf8'))
    // By the first event: others may start such a workflow as a child.
    .filter((text) => /"workflowType":\{"name":"([^"]+)"/.exec(text)?.[1] === 'loadTable')
    .slice(0, shapes)
    .map((text) => text.replace('"workflowType":{"name":"loadTable"}', '"workflowType":{"name":"pipeline"}'));
  for (let n = 0; n < histories; n++) {
    const text = texts[n % shapes].replace(/"workflowId":"[^"]+"/, `"workflowId":"run-${n}"`);
    writeFileSync(`${folder}histories/${String(n).padStart(5, '0')}.json`, text);
  }
  const { bundleForReplay } = require('../dist/workers/replay');
  for (const [file, workflows] of [
    ['bundle', 'workflows'],
    ['changed', 'changed-workflows'],
  ])
    // prettier-ignore
    writeFileSync(`${folder}${file}.js`, (await bundleForReplay({ workflowsPath: at(`replay/${workflows}.js`) })).code);
}

function runSide(name, bundle, count) {
  return new Promise((resolve, reject) => {
    const args = [at('replay/side.mjs'), name, `${folder}histories`, folder + bundle, String(count)];
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
    const peak = watchMemory(child.pid);
    let out = '';
    let peakBytes = 0;
    child.stdout.on('data', (text) => {
      out += text;
      peakBytes = peak();
    });
    child.once('error', reject);
    child.once('close', (code) =>
      code === 0 ? resolve({ ...JSON.parse(out), peakBytes }) : reject(new Error(`${name} ended with ${code}.`)),
    );
  });
}
