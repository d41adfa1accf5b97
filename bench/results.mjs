// What a run tells: a table on the terminal, a JSON line per case, and RESULTS.md.
import { appendFile, mkdir, writeFile } from 'node:fs/promises';
import { cpus, loadavg, totalmem } from 'node:os';
import Table from 'cli-table3';
import prettier from 'prettier';
import { memoryTargetMb } from './cases.mjs';
import { written } from './stats.mjs';

const resultsFolder = new URL('results/', import.meta.url);
const resultsPage = new URL('RESULTS.md', import.meta.url);

/** The load averages of the last 1, 5 and 15 minutes, as `0.52 0.61 0.70`. */
export const loadAverage = () =>
  loadavg()
    .map((value) => value.toFixed(2))
    .join(' ');

/** The machine and the versions of what ran. */
export async function readFacts({ session }, { temporalVersion, loadlineVersion }) {
  const setting = async (name) => (await session.query(`SHOW ${name}`)).rows[0][name];
  const names = ['shared_buffers', 'work_mem', 'max_wal_size', 'fsync', 'synchronous_commit'];
  const settings = [];
  for (const name of names) settings.push(`${name} ${await setting(name)}`);
  return {
    at: new Date().toISOString(),
    machine: `${cpus().length} × ${cpus()[0]?.model.trim()}, ${Math.round(totalmem() / 2 ** 30)} GB`,
    node: process.version,
    loadline: loadlineVersion,
    postgres: (await setting('server_version')).split(' ')[0],
    settings: settings.join(', '),
    temporal: temporalVersion,
  };
}

/** Opens the file that a run's cases are written to, each when it is done. */
export async function openResults(facts) {
  await mkdir(resultsFolder, { recursive: true });
  const file = new URL(`${facts.at.replaceAll(/[-:]|\.\d+/g, '')}.jsonl`, resultsFolder);
  return { file, add: (result) => appendFile(file, `${JSON.stringify({ ...facts, ...result })}\n`) };
}

/** The figures as rows of text, the head first. */
function rowsOf(results) {
  const head = ['case', 'floor s', 'Loadline s', 'ratio', 'target', 'rows/s', 'peak MB', 'load average'];
  const body = results
    .filter(({ ratio }) => ratio)
    .map((r) => [
      r.title,
      written(r.floor.ms, 1000),
      written(r.loadline.ms, 1000),
      written(r.ratio),
      r.target ? `${r.ratio.median <= r.target ? 'met' : 'MISSED'} (≤ ${r.target})` : '–',
      Math.round((r.rows / r.loadline.ms.median) * 1000).toLocaleString('en'),
      `${r.peakMb}${r.peakMb < memoryTargetMb ? '' : ' (TOO MUCH)'}`,
      r.load.before.split(' ')[0],
    ]);
  return [head, ...body];
}

/** The table for the terminal. */
export function renderTable(results) {
  const [head, ...body] = rowsOf(results);
  const lines = [];
  if (body.length) {
    const table = new Table({ head, style: { head: [], border: [] } });
    table.push(...body);
    lines.push(table.toString());
  }
  lines.push(...results.filter(({ rerun }) => rerun).map(rerunLine));
  return lines.join('\n');
}

function rerunLine({ title, rerun, target, load }) {
  const verdict = rerun.activityMs.median < target ? 'met' : 'MISSED';
  const { activityMs, ms } = rerun;
  return `${title}: ${written(activityMs)} ms of activity time, ${written(ms)} ms in all, ${rerun.runs} times; target < ${target} ms ${verdict}; load average ${load.before}`;
}

/** One case's parts, the longest first, as `copy 5210, analyze 210`. */
export const partsText = (parts) =>
  Object.entries(parts)
    .sort(([, a], [, b]) => b - a)
    .map(([name, ms]) => `${name} ${Math.round(ms)}`)
    .join(', ');

/** Writes RESULTS.md. */
export async function writeResultsPage({ facts, results, command }) {
  const options = await prettier.resolveConfig(resultsPage);
  await writeFile(
    resultsPage,
    await prettier.format(pageOf(facts, results, command), { ...options, parser: 'markdown' }),
  );
}

function pageOf(facts, results, command) {
  const [head, ...body] = rowsOf(results);
  const line = (cells) => `| ${cells.join(' | ')} |`;
  const cases = results.filter(({ ratio }) => ratio);
  return `# Results

Written by \`${command}\` at ${facts.at}; do not edit. What is measured, and how, is in [README.md](README.md).

${facts.machine}; Node ${facts.node}; PostgreSQL ${facts.postgres} (${facts.settings}); Temporal ${facts.temporal}; Loadline
${facts.loadline}. Medians, in brackets the lowest and the highest. A load average well above 1 before a case means that something else was running:
then neither its seconds nor its ratio say much, and the run is to be repeated.

${[line(head), line(head.map(() => '---')), ...body.map(line)].join('\n')}

${results
  .filter(({ rerun }) => rerun)
  .map(rerunLine)
  .join('\n\n')}

## Where the time goes

Milliseconds, medians. Floor: its parts. Loadline: each activity from being scheduled to being completed, by the server's clock;
_rest_ is what lies outside of them (client, workflow tasks). Statements: those of 10 ms and more, from the server's log.

${cases.map(caseText).join('\n\n')}
`;
}

function caseText({ title, variant, ranking, floor, loadline }) {
  return `**${title}**

- floor (${variant}): ${partsText(floor.parts)}
- Loadline: ${partsText(loadline.activities)}
- statements: ${partsText(loadline.statements) || 'no log'}
- variants of the floor, without COPY: ${partsText(ranking)}`;
}
