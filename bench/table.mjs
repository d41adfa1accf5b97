// The figures as tables of Markdown.
import prettier from 'prettier';
import { isMet, memoryTargetMb, verdict } from './cases.mjs';
import { written } from './stats.mjs';

const fullRows = 1_000_000;
const head = ['case', 'against', 'its s', 'Loadline s', 'ratio', 'target', 'rows/s', 'peak MB', 'load average'];
const peerHead = [
  'case',
  'peer',
  'floor s',
  'Loadline s',
  'peer s',
  'peer by floor',
  'table',
  'peak MB',
  'load average',
];

/** One row per case. */
export const caseTable = (results) => markdown([head, ...results.map(rowOf)]);

/** One row per case and peer, with what the floor and Loadline took in that run; empty when none was measured. */
export function peerTable(results) {
  const rows = results.flatMap((result) => {
    const run = result.peerRun ?? result;
    return (run.peers ?? []).map((peer) => peerRow(run, peer));
  });
  return rows.length ? markdown([peerHead, ...rows]) : '';
}

function rowOf(result) {
  const { title, error, ratio, loadline, rows, target, load } = result;
  if (error) return [title, `FAILED: ${error.replaceAll(/[|\n]/g, ' ').slice(0, 120)}`, ...Array(7).fill('–')];
  const against = result.floor ?? result.bare ?? result.unchecked ?? result.whole;
  return [
    title,
    nameOf(result),
    against ? written(against.ms, 1000) : '–',
    written(loadline.ms, 1000),
    ratio ? written(ratio) : '–',
    ratio ? verdict(target.ratio, ratio.median) : rerunVerdict(result),
    rows && ratio ? Math.round((rows / loadline.ms.median) * 1000).toLocaleString('en') : '–',
    memoryText(result),
    load.before.split(' ')[0],
  ];
}

const nameOf = ({ floor, bare, unchecked, whole }) => {
  if (floor) return 'floor';
  if (bare) return 'bare SDK';
  return unchecked ? 'no checks' : whole ? 'all of them' : '–';
};

const rerunVerdict = ({ target, activityMs }) =>
  `${verdict(target.ms, activityMs.median)}: ${Math.round(activityMs.median)} ms of activities`;

function memoryText({ kind, rows, peakMb, basePeakMb, memoryRatio, target }) {
  if (peakMb === undefined) return '–';
  if (memoryRatio)
    return `${peakMb}, ${memoryRatio.toFixed(2)} × ${basePeakMb}: ${verdict(target.memoryRatio, memoryRatio)}`;
  return `${peakMb}${kind === 'load' && rows === fullRows ? `: ${verdict({ below: memoryTargetMb }, peakMb)}` : ''}`;
}

function peerRow(result, { name, ms, ratio, content, peakMb }) {
  const { title, floor, loadline, load, rows } = result;
  const of = rows === fullRows ? title : `${title}, ${rows.toLocaleString('en')} rows`;
  const figures = ms ? [written(ms, 1000), written(ratio)] : ['–', '–'];
  return [
    of,
    name,
    written(floor.ms, 1000),
    written(loadline.ms, 1000),
    ...figures,
    content,
    String(peakMb ?? '–'),
    load.before.split(' ')[0],
  ];
}

function markdown([first, ...rest]) {
  const line = (cells) => `| ${cells.join(' | ')} |`;
  return [line(first), line(first.map(() => '---')), ...rest.map(line)].join('\n');
}

/** Aligned, as the project formats Markdown. */
export async function formatted(text, file) {
  const options = await prettier.resolveConfig(file);
  return prettier.format(text, { ...options, parser: 'markdown' });
}

/** Whether all that has a target meets it. */
export function allMet(results) {
  return results.every(({ error, target, ratio, activityMs, memoryRatio }) => {
    const goals = [
      [target.ratio, ratio?.median],
      [target.ms, activityMs?.median],
      [target.memoryRatio, memoryRatio],
    ];
    return !error && goals.every(([goal, value]) => isMet(goal, value) !== false);
  });
}
