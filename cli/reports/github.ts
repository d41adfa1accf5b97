import { plural } from '../format';
import { inRepository } from './repository-path';
import type { Finding, FindingLevel, Findings } from './findings';

/** How many annotations of one level GitHub shows of one step; it drops the others in silence. */
const shown = 10;

/** Findings as workflow commands, which GitHub turns into annotations of the lines in question. */
export function githubReport({ findings }: Findings): string {
  const of = (level: FindingLevel): readonly Finding[] => findings.filter((finding) => finding.level === level);
  const hides = (['error', 'warning', 'notice'] as const).some((level) => of(level).length > shown);
  // The last notice is kept for the number of the others.
  const kept = [
    ...of('error').slice(0, shown),
    ...of('warning').slice(0, shown),
    ...of('notice').slice(0, hides ? shown - 1 : shown),
  ];
  const told = findings.filter((finding) => kept.includes(finding));
  const rest = findings.filter((finding) => !kept.includes(finding));
  return [...told.map(command), ...(hides ? [restCommand(rest)] : [])].map((line) => `${line}\n`).join('');
}

function restCommand(rest: readonly Finding[]): string {
  const counts = (['error', 'warning', 'notice'] as const)
    .map((level) => [level, rest.filter((finding) => finding.level === level).length] as const)
    .flatMap(([level, count]) => (count === 0 ? [] : [plural(count, level)]));
  const message = `Not shown here: ${counts.join(', ')}. findings.json and the other reports have all of them.`;
  return `::notice title=${property(`${plural(rest.length, 'more finding')}`)}::${data(message)}`;
}

function command({ level, title, message, file, line, column }: Finding): string {
  const properties: Record<string, string | number | undefined> = {
    file: file === undefined ? undefined : inRepository(file),
    line,
    col: column,
    title,
  };
  const written = Object.entries(properties).flatMap(([name, value]) =>
    value === undefined ? [] : [`${name}=${property(String(value))}`],
  );
  return `::${level} ${written.join(',')}::${data(message)}`;
}

const data = (text: string): string => text.replace(/%/g, '%25').replace(/\r/g, '%0D').replace(/\n/g, '%0A');
const property = (text: string): string => data(text).replace(/:/g, '%3A').replace(/,/g, '%2C');
