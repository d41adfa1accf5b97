// Precision and recall of the rule for anomalies against three standard deviations, on series made from seeds.
import { performance } from 'node:perf_hooks';
import { createJiti } from 'jiti';

const jiti = createJiti(import.meta.url);
const { generators, heldOutSeeds, tuningSeeds } = await jiti.import('./anomalies/series.ts');
const { countsOf, scoreOf, threeSigma } = await jiti.import('./anomalies/score.ts');
const { leadOf } = await jiti.import('./anomalies/lead.ts');
const { loadlineRule } = await jiti.import('./anomalies/rule.ts');

const tuning = process.argv.includes('--tuning');
const seeds = tuning ? tuningSeeds : heldOutSeeds;
const rule = loadlineRule();
const percent = (share) => (share * 100).toFixed(1).padStart(5);
const cell = ({ precision, recall, falseAlarms }) =>
  `${percent(precision)} | ${percent(recall)} | ${falseAlarms.toFixed(2).padStart(5)}`;
const points = (share) => `${share < 0 ? '' : '+'}${(share * 100).toFixed(1)}`;
const lead = ({ by, low, high }) => `${points(by)} (${points(low)} to ${points(high)})`.padEnd(23);

console.log(`${seeds.length} ${tuning ? 'tuning' : 'held-out'} seeds, 182 daily loads each, the last 154 judged.`);
console.log(
  'Precision and recall in %, false alarms in 1,000 loads; leads in points, with their range in 95 of 100 runs.\n',
);
console.log(
  '| series          |    3σ: P |     R | false |  Ours: P |   R | false | F1 3σ | F1 ours | lead in precision       | lead in recall          |',
);
const begun = performance.now();
for (const name of Object.keys(generators)) {
  const [theirs, ours] = [threeSigma, rule].map((each) => seeds.map((seed) => countsOf(each, name, seed)));
  const [common, own] = [scoreOf(theirs), scoreOf(ours)];
  const leads = ['precision', 'recall'].map((measure) => lead(leadOf(ours, theirs, measure)));
  console.log(
    `| ${name.padEnd(15)} | ${cell(common)} | ${cell(own)} | ${common.f1.toFixed(3)} | ${own.f1.toFixed(3)} | ${leads.join(' | ')} |`,
  );
}
console.error(`\n${((performance.now() - begun) / 1000).toFixed(1)} s`);
