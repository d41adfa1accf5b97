import { bytes, count, wholeSeconds } from './format';
import { paint, widthOf } from './terminal';
import type { LoadSituation } from './progress';

/** How fast a step is of late, by the second. */
export interface Pace {
  readonly step: string;
  readonly attempt: number;
  readonly samples: readonly Sample[];
  readonly rowsPerSecond?: number;
  readonly bytesPerSecond?: number;
}

interface Sample {
  readonly at: number;
  readonly rows: number;
  readonly bytes: number;
}

const windowMs = 15_000;

/** The pace with one look more. A look that found nothing new says nothing of the pace. */
export function paceOf(situation: LoadSituation, before: Pace | undefined, now = Date.now()): Pace {
  const { step, attempt, since, rows = 0, bytes = 0, totalBytes } = situation;
  const same = before?.step === step && before.attempt === attempt;
  const samples = same ? before.samples : [{ at: Math.min(since, now), rows: 0, bytes: 0 }];
  const last = samples.at(-1);
  if (same && last?.rows === rows && last.bytes === bytes) return before;
  const kept = samples.filter(({ at }, index) => now - at <= windowMs || index === samples.length - 1);
  const first = kept[0];
  const seconds = first && first.at < now ? (now - first.at) / 1000 : undefined;
  const perSecond = (value: number, from = 0): number | undefined =>
    seconds !== undefined && value > from ? (value - from) / seconds : undefined;
  // Where nobody knows the end, the rows are those that the step is about, not those that are done.
  const rowsPerSecond = totalBytes ? perSecond(rows, first?.rows) : undefined;
  const bytesPerSecond = perSecond(bytes, first?.bytes);
  return {
    step,
    attempt,
    samples: [...kept, { at: now, rows, bytes }],
    ...(rowsPerSecond === undefined ? {} : { rowsPerSecond }),
    ...(bytesPerSecond === undefined ? {} : { bytesPerSecond }),
  };
}

/** How far a step is, in words: `stage  40 %, 1,200,000 rows, 61,200 rows/s, 6.1 MB/s, 29 s left`. */
export function progressText(situation: LoadSituation, pace: Pace): string {
  const facts = factsOf(situation, pace).map(({ text }) => text);
  return [situation.step, facts.join(', ')].filter(Boolean).join('  ');
}

/** The same on one line of so many columns: with a bar or, where nobody knows the end, a sign of life. */
export function progressLine(situation: LoadSituation, pace: Pace, columns: number, now: number): string {
  const share = shareOf(situation);
  const far =
    share === undefined ? wholeSeconds(now - situation.since).padStart(9) : barOf(share, columns < 72 ? 12 : 20);
  const head = `${paint.cyan(spinner(now))} ${situation.step.padEnd(7)}  ${far}`;
  const facts = factsOf(situation, pace);
  const line = (): string => [head, ...facts.map(({ text }) => text)].join('  ');
  // What matters least makes room first.
  while (facts.length > 0 && widthOf(line()) > columns) {
    const least = facts.reduce((a, b) => (b.weight < a.weight ? b : a));
    facts.splice(facts.indexOf(least), 1);
  }
  return line();
}

interface Fact {
  readonly text: string;
  readonly weight: number;
}

function factsOf(situation: LoadSituation, { rowsPerSecond, bytesPerSecond }: Pace): Fact[] {
  const { rows, bytes: done = 0, totalBytes = 0 } = situation;
  const share = shareOf(situation);
  const leftMs =
    share !== undefined && bytesPerSecond !== undefined ? ((totalBytes - done) / bytesPerSecond) * 1000 : 0;
  const facts: readonly [text: string | undefined, weight: number][] = [
    [share === undefined ? undefined : `${Math.floor(share * 100)} %`.padStart(4), 9],
    [rows ? `${count(rows)} rows` : undefined, 8],
    [rowsPerSecond === undefined ? undefined : `${count(rowsPerSecond)} rows/s`, 6],
    [bytesPerSecond === undefined ? undefined : `${bytes(bytesPerSecond)}/s`, 5],
    [leftMs > 0 ? `${wholeSeconds(leftMs)} left` : undefined, 7],
    [situation.detail, 4],
  ];
  return facts.flatMap(([text, weight]) => (text === undefined ? [] : [{ text, weight }]));
}

function shareOf({ bytes: done, totalBytes }: LoadSituation): number | undefined {
  return done !== undefined && totalBytes ? Math.min(done / totalBytes, 1) : undefined;
}

function barOf(share: number, width: number): string {
  const full = Math.round(share * width);
  return paint.green('━'.repeat(full)) + paint.dim('─'.repeat(width - full));
}

const frames = '⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏';
const spinner = (now: number): string => frames[Math.floor(now / 120) % frames.length] ?? '';
