import { plural } from '../format';
import { cell, inline } from './markdown-text';
import { placeOf, type Finding, type Findings } from './findings';

/** Findings as Markdown, as for the summary of a pipeline or a comment on a change. */
export function markdownReport({ tool, subject, verdict, counts, findings, passed }: Findings): string {
  const seen = Object.entries(counts).map(([name, count]) => plural(count, one(name), name));
  const lines = [
    `## ${marks[verdict]} ${inline(tool)}: ${inline(subject)}`,
    '',
    `${[...seen, `${plural(passed.length, 'check')} passed`].map(inline).join(', ')}.`,
  ];
  if (findings.length === 0) return `${lines.join('\n')}\n`;
  const rows = findings.map((finding) => `| ${cells(finding).map(cell).join(' | ')} |`);
  return [...lines, '', '| | Check | What was found | Where |', '| --- | --- | --- | --- |', ...rows, ''].join('\n');
}

const one = (many: string): string => many.replace(/ies$/, 'y').replace(/s$/, '');

const marks = { pass: '✅', warn: '⚠️', fail: '❌' } as const;
const levels = { error: '❌', warning: '⚠️', notice: 'ℹ️' } as const;

const cells = (finding: Finding): string[] => [
  levels[finding.level],
  finding.id,
  `${finding.title}: ${finding.message}`,
  placeOf(finding) ?? '',
];
