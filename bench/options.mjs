// The command line of `npm run bench`.
import { parseArgs } from 'node:util';
import { cases } from './cases.mjs';

const fullRows = 1_000_000;
const defaultPairs = 5;

export const usage = `npm run bench -- [options]

  --rows N          rows of a file, a multiple of 100 (${fullRows.toLocaleString('en')})
  --pairs N         pairs of runs for each case (${defaultPairs}; ten times as many of tiny loads, 2 of ten times the rows)
  --case PATTERN    a case, or those that match a pattern such as 'csv-*'; may be repeated (all that are not on request)
  --peers           other tools as well, where a case has one: dlt and sling, each in a Python environment of its own
  --list            the cases, and how long they take
  --report FILE…    write RESULTS.md from result files instead of measuring; of a case in several, the last counts
  --page FILE       where --report writes (RESULTS.md beside this script)
  --help`;

/** A command that cannot be followed. */
export class UsageError extends Error {}

/** Reads the command line. @throws UsageError */
export function readOptions(argv) {
  const { values, positionals } = parse(argv);
  if (positionals.length && !values.report)
    throw new UsageError(`${positionals[0]}: an option is expected\n\n${usage}`);
  const pairs = values.pairs === undefined ? undefined : wholeNumber('--pairs', values.pairs, 1);
  const rows = wholeNumber('--rows', values.rows ?? String(fullRows), 100);
  return {
    rows,
    cases: chosenCases(values.case).map((each) => ({ ...each, pairs: pairsOf(each, pairs) })),
    peers: values.peers,
    list: values.list,
    help: values.help,
    page: values.page,
    report: values.report && [...values.report, ...positionals],
  };
}

function parse(args) {
  try {
    return parseArgs({
      args,
      allowPositionals: true,
      options: {
        rows: { type: 'string' },
        pairs: { type: 'string' },
        case: { type: 'string', multiple: true },
        peers: { type: 'boolean', default: false },
        list: { type: 'boolean', default: false },
        report: { type: 'string', multiple: true },
        page: { type: 'string' },
        help: { type: 'boolean', default: false },
      },
    });
  } catch (error) {
    throw new UsageError(`${error.message.split('. ')[0]}\n\n${usage}`);
  }
}

function wholeNumber(option, text, unit) {
  const value = Number(text);
  if (Number.isSafeInteger(value) && value > 0 && value % unit === 0) return value;
  throw new UsageError(`${option} ${text}: expected ${unit === 1 ? 'a whole number from 1' : `a multiple of ${unit}`}`);
}

function chosenCases(patterns) {
  if (!patterns) return cases.filter(({ onRequest }) => !onRequest);
  const unknown = patterns.find((pattern) => !cases.some(({ name }) => matchesGlob(name, pattern)));
  if (unknown)
    throw new UsageError(`--case ${unknown}: no such case. There are ${cases.map(({ name }) => name).join(', ')}.`);
  return cases.filter(({ name }) => patterns.some((pattern) => matchesGlob(name, pattern)));
}

function pairsOf({ kind, pairs }, asked) {
  if (asked === undefined) return pairs ?? defaultPairs;
  return kind === 'steps' || kind === 'rerun' ? asked * 10 : asked;
}

/** `*` stands for any text. */
function matchesGlob(name, pattern) {
  const parts = pattern.split('*').map((part) => part.replaceAll(/[.+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${parts.join('.*')}$`).test(name);
}
