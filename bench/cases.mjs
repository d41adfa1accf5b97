// What is measured.

/** Peak memory of the worker's process tree at the default number of rows. */
export const memoryTargetMb = 350;

const labels = { csv: 'CSV', 'csv.gz': 'CSV, gzipped', ndjson: 'NDJSON', parquet: 'Parquet' };
const isHeld = (format) => format === 'csv' || format === 'parquet';
/** Where the project holds itself to a ratio: Loadline's time by the floor's. */
const targetOf = (format) => (isHeld(format) ? { ratio: { atMost: 1.25 } } : {});
const prefixOf = (format) => format.replace('.', '-');

const intoEmpty = (format) => ({
  kind: 'load',
  name: `${prefixOf(format)}-empty`,
  title: `${labels[format]} into an empty table`,
  file: `day1.${format}`,
  peers: isHeld(format),
  target: targetOf(format),
});

/** `full`: the table holds the rows of day 1 already. */
const intoFull = (format) => ({
  kind: 'load',
  name: `${prefixOf(format)}-full`,
  title: `${labels[format]}, every row there already`,
  file: `day1.${format}`,
  full: true,
  target: targetOf(format),
});

const day2 = (format) => ({
  kind: 'load',
  name: `${prefixOf(format)}-day2`,
  title: `${labels[format]} of day 2: 20 % changed, 1 % repeated`,
  file: `day2.${format}`,
  full: true,
  peers: isHeld(format),
  target: targetOf(format),
  onRequest: !isHeld(format),
});

/** Ten times the rows, in files that are made for the case and removed after it. */
const tenfold = (format) => ({
  ...intoEmpty(format),
  name: `${prefixOf(format)}-empty-x10`,
  title: `${intoEmpty(format).title}, ten times the rows`,
  times: 10,
  pairs: 2,
  peers: false,
  target: { ...targetOf(format), memoryRatio: { atMost: 1.2 } },
  onRequest: true,
});

/** The floor reads the same file from the disk. */
const fromObjects = (format) => ({
  ...tenfold(format),
  name: `${prefixOf(format)}-s3-x10`,
  title: `${labels[format]} from S3 into an empty table, ten times the rows`,
  store: 'objects',
  target: { memoryRatio: { atMost: 1.2 } },
});

/** Of a stand-in the ratio says what Loadline adds; how fast the warehouse is, only an account can tell. */
const standin = (warehouse, title) => ({
  kind: 'warehouse',
  warehouse,
  name: `${warehouse}-empty`,
  title: `CSV into an empty table of the stand-in of ${title}`,
  file: 'day1.csv',
  pairs: 2,
  target: {},
  onRequest: true,
});

const formats = Object.keys(labels);

/** Seven checks, and the table they are made on: Loadline with them by Loadline without. */
const checked = (format) => ({
  kind: 'checks',
  name: `${prefixOf(format)}-checked`,
  title: `${labels[format]} with seven checks, against a contract without`,
  file: `day1.${format}`,
  target: { ratio: { atMost: 1.1 } },
});

/** All cases, in the order in which they run. `onRequest`: only when they are named. */
export const cases = [
  ...formats.map(intoEmpty),
  ...formats.map(intoFull),
  ...formats.map(day2),
  ...formats.filter(isHeld).map(checked),
  {
    kind: 'rerun',
    name: 'rerun',
    title: 'An applied load again, file unchanged',
    file: 'day1.csv',
    pairs: 20,
    target: { ms: { below: 300 } },
  },
  {
    kind: 'steps',
    name: 'steps',
    title: 'One tiny load: the steps against the bare SDK',
    pairs: 50,
    target: { ratio: { atMost: 1.05 } },
  },
  {
    kind: 'parallel',
    name: 'small-loads',
    title: '200 loads of 100 rows at once: rate against the bare SDK',
    loads: 200,
    target: { ratio: { atLeast: 0.8 } },
  },
  {
    kind: 'replay',
    name: 'replay',
    title: 'Replay of 1,000 histories, against one bare call of the SDK',
    histories: 1000,
    target: { ratio: { atMost: 1.15 }, memoryRatio: { atMost: 1.2 } },
  },
  {
    kind: 'sample',
    name: 'replay-sample',
    title: '1,000 histories of 12 shapes: all of them by a sample, with equal findings',
    histories: 1000,
    pairs: 3,
    target: { ratio: { atLeast: 10 } },
  },
  ...['csv', 'parquet'].map(tenfold),
  ...['csv', 'parquet'].map(fromObjects),
  standin('snowflake', 'Snowflake'),
  standin('bigquery', 'BigQuery'),
];

/** Whether a target is met; `null` when there is none. */
export function isMet(goal, value) {
  if (!goal) return null;
  if ('atMost' in goal) return value <= goal.atMost;
  return 'atLeast' in goal ? value >= goal.atLeast : value < goal.below;
}

/** `met (≤ 1.25)`, or a dash when there is no target. */
export function verdict(goal, value) {
  if (!goal) return '–';
  const [[word, limit]] = Object.entries(goal);
  const sign = { atMost: '≤', atLeast: '≥', below: '<' }[word];
  return `${isMet(goal, value) ? 'met' : 'MISSED'} (${sign} ${limit})`;
}

// Seconds on two quiet cores for a million rows, to tell how long a run will take: one pair, and what goes before it; the
// choice of the floor's variant is made once for all formats.
const seconds = { empty: [24, 40], full: [46, 55], checks: [30, 40], chooseEmpty: 70, chooseFull: 150 };

/** About how long cases take, in seconds. */
export function estimate(chosen, { rows }) {
  const choices = new Map(chosen.filter(({ kind }) => kind === 'load').map((each) => [choiceOf(each), each.full]));
  const choosing = [...choices.values()].map((full) => (full ? seconds.chooseFull : seconds.chooseEmpty));
  const parts = [...choosing.map((s) => (s * rows) / 1e6), ...chosen.map((each) => estimateOne(each, rows))];
  return parts.reduce((a, b) => a + b, 0);
}

const choiceOf = ({ file, full }) => `${file.split('.')[0]} ${full}`;

function estimateOne({ kind, times = 1, full, pairs }, rows) {
  if (kind === 'rerun') return 15 + (rows / 1e6) * 15;
  if (kind === 'steps') return 10 + pairs * 1.5;
  if (kind === 'parallel') return 30 + pairs * 40;
  if (kind === 'warehouse') return 30 + ((1 + pairs) * 200 * rows) / 1e6;
  if (kind === 'replay' || kind === 'sample') return 10 + pairs * 45;
  const [each, before] = kind === 'checks' ? seconds.checks : seconds[full ? 'full' : 'empty'];
  return 5 + ((each * pairs + before) * times * rows) / 1e6;
}

/** `30 s` or `12 min`. */
export const minutes = (seconds) => (seconds < 90 ? `${Math.round(seconds)} s` : `${Math.round(seconds / 60)} min`);
