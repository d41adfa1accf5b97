// Precision and recall of the rule for anomalies against three standard deviations, on series made from seeds.
import { performance } from 'node:perf_hooks';
import { createJiti } from 'jiti';

const jiti = createJiti(import.meta.url);
const { generators, heldOutSeeds, tuningSeeds } = await jiti.import('./anomalies/series.ts');
const { scoreOf, threeSigma } = await jiti.import('./anomalies/score.ts');
const { loadlineRule } = await jiti.import('./anomalies/rule.ts');

const tuning = process.argv.includes('--tuning');
const seeds = tuning ? tuningSeeds : heldOutSeeds;
const rule = loadlineRule();
const percent = (share) => (share * 100).toFixed(1).padStart(5);
const cell = ({ precision, recall, falseAlarms }) =>
  `${percent(precision)} | ${percent(recall)} | ${falseAlarms.toFixed(2).padStart(5)}`;

console.log(`${seeds.length} ${tuning ? 'tuning' : 'held-out'} seeds, 182 daily loads each, the last 154 judged.\n`);
console.log(
  '| series          |     3σ: precision, recall, false alarms in 1,000 |            Loadline: the same | F1 3σ | F1 Loadline |',
);
const begun = performance.now();
for (const name of Object.keys(generators)) {
  const [common, ours] = [threeSigma, rule].map((each) => scoreOf(each, name, seeds));
  console.log(
    `| ${name.padEnd(15)} | ${cell(common)} | ${cell(ours)} | ${common.f1.toFixed(3)} | ${ours.f1.toFixed(3)} |`,
  );
}
console.error(`\n${((performance.now() - begun) / 1000).toFixed(1)} s`);
