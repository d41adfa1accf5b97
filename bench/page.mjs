// RESULTS.md.
import { writeFile } from 'node:fs/promises';
import { cases } from './cases.mjs';
import { factsText } from './facts-text.mjs';
import { partsText } from './stats.mjs';
import { caseTable, formatted, peerTable } from './table.mjs';

/** Writes the page from results, in the order of the cases. */
export async function writePage(path, results, commands) {
  const order = new Map(cases.map(({ name }, index) => [name, index]));
  const sorted = [...results].sort((a, b) => order.get(a.case) - order.get(b.case));
  await writeFile(path, await formatted(pageOf(sorted, commands), path));
}

function pageOf(results, commands) {
  const peers = peerTable(results);
  return `# Results

Written by \`npm run bench -- --report\`; do not edit. What is measured, and how, is in [README.md](README.md).
Medians, in brackets the lowest and the highest. A load average well above 1 before a case means that something else was
running: then its figures say little.

${machinesText(results)}

\`\`\`sh
${commands.join('\n')}
\`\`\`

${caseTable(results)}

${peers && `## Peers\n\nThe same files on the same server, in turn with the floor and Loadline. _table_: whether all values are those of the floor's\ntable. A peer's time is that of its command.\n\n${peers}\n`}
## Where the time goes

Milliseconds, medians. Floor: its parts. Loadline: each activity from being scheduled to being completed, by the server's clock;
_rest_ is what lies outside of them (client, workflow tasks). Statements: those of 10 ms and more, from the server's log.

${results
  .filter(({ kind, error }) => kind === 'load' && !error)
  .map(loadText)
  .join('\n\n')}

${results
  .filter(({ kind, error }) => kind === 'checks' && !error)
  .map(checksText)
  .join('\n\n')}

${results
  .filter(({ kind, error }) => kind === 'steps' && !error)
  .map(stepsText)
  .join('\n\n')}
`;
}

/** Once where all cases ran with the same. */
function machinesText(results) {
  const groups = Map.groupBy
    ? Map.groupBy(results, ({ facts }) => factsText(facts))
    : results.reduce((m, r) => m.set(factsText(r.facts), [...(m.get(factsText(r.facts)) ?? []), r]), new Map());
  return [...groups]
    .map(([text, of]) => `${text}; ${of[0].facts.at}${groups.size > 1 ? `: ${of.map((r) => r.case).join(', ')}` : ''}.`)
    .join('\n\n');
}

function loadText({ title, floor, loadline, ranking, ways }) {
  const known = (times) =>
    Object.entries(times)
      .map(([name, ms]) => `${name} ${ms ?? 'cut off'}`)
      .join(', ');
  return `**${title}**

- floor (${floor.variant}; ${floor.way}): ${partsText(floor.parts)}
- Loadline: ${partsText(loadline.activities)}
- statements: ${partsText(loadline.statements) || 'no log'}
- variants of the floor, without COPY: ${known(ranking)}${Object.keys(ways).length > 1 ? `; ways into its stage: ${known(ways)}` : ''}`;
}

const checksText = ({ title, unchecked, loadline }) => `**${title}**

- without: ${partsText(unchecked.activities)}
- with: ${partsText(loadline.activities)}`;

function stepsText({ title, bare, loadline, byClient }) {
  const line = ({ history: { counts, bytes, ms } }) =>
    `${counts.events} events, ${counts.WORKFLOW_TASK_COMPLETED} workflow tasks, ${bytes} bytes; ms: ${partsText(ms)}`;
  return `**${title}**

- bare SDK: ${line(bare)}
- Loadline: ${line(loadline)}
- through \`client.start\`: ${byClient.ratio.median.toFixed(2)} times the bare SDK`;
}
