import { count, instant, plural, shellWord } from '../format';
import type { LoadReport } from './load-report';

/** A statement about a load as a whole that comes before all numbers. */
export interface Note {
  readonly tone: 'good' | 'warn' | 'bad' | 'cool';
  readonly lines: readonly string[];
  /** What to type. */
  readonly commands: readonly string[];
}

/** What has to be known of a load before its numbers. */
export function notesOf(report: LoadReport): Note[] {
  const { state, held, verdict, adopted, rolledBack, loadKey } = report;
  const notes: (Note | false | undefined)[] = [
    held && {
      tone: 'warn',
      lines: [
        'The contract failed, and nothing is published. Someone has to decide.',
        `It waits until ${instant(held.until)}; then it is: ${held.then}.`,
        ...held.notOffered,
      ],
      commands: held.choices.map((choice) => `loadline held ${choice} ${shellWord(loadKey)} --reason 'why'`),
    },
    state === 'open' && { tone: 'cool', lines: ['It is under way: nothing is published yet.'], commands: [] },
    verdict && {
      tone: verdict.verdict === 'reject' ? 'bad' : 'warn',
      lines: [`It was held, and ${verdicts[verdict.verdict]}.`, `By ${verdict.by}: ${verdict.reason}`],
      commands: [],
    },
    adopted && {
      tone: 'cool',
      lines: [
        `It was loaded by hand, and recorded as loaded.${adopted.rows === null ? '' : ` The table held ${plural(adopted.rows, 'row')}.`}`,
        `By ${adopted.by}: ${adopted.reason}`,
      ],
      commands: [],
    },
    rolledBack && {
      tone: 'warn',
      lines: [
        `It was rolled back on ${instant(rolledBack.at)}: ${rolledBack.tables.map((t) => `${t.table} lost ${plural(t.deleted, 'row')} and got ${count(t.restored)} back`).join('; ')}.`,
        `By ${rolledBack.by}: ${rolledBack.reason}`,
      ],
      commands: [],
    },
  ];
  return notes.filter((note): note is Note => Boolean(note));
}

const verdicts = {
  release: 'released: all rows were published, although checks failed',
  quarantine: 'published without the rows that broke a check, which were set aside',
  reject: 'rejected: nothing was published',
} as const;
