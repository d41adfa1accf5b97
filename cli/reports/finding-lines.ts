import { hang, paint } from '../terminal';
import { placeOf, type Finding, type Findings } from './findings';

/** What a verdict is called on a terminal. */
export const verdictWords: Readonly<Record<Findings['verdict'], string>> = {
  pass: paint.green('✓ good'),
  warn: paint.yellow('! good, with warnings'),
  fail: paint.red('✗ not good'),
};
const marks = { error: paint.red('✗'), warning: paint.yellow('!'), notice: paint.dim('-') } as const;

/** A finding as a line, with the place first, as editors open it. */
export function findingLine(finding: Finding, columns: number, name = finding.id): string {
  const { level, title, message } = finding;
  const place = placeOf(finding);
  const told = level === 'notice' ? paint.dim(message) : `${title}: ${message}`;
  return hang(`  ${marks[level]} `, `${place ? `${paint.cyan(place)}  ` : ''}${paint.bold(name)}  ${told}`, columns);
}
