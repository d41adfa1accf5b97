import path from 'node:path';
import type { Command } from 'commander';
import { exitCodes } from '../exit-code';
import { plural } from '../format';
import { lazyInit } from '../lazy';
import { fields, paint, type Terminal } from '../terminal';
import { addSampleFlags, sampleOptions, type SampleFlags } from './profile';
import type { NewProject } from '../init/init-project';
import type { RunBody } from '../cli-context';

interface Flags extends SampleFlags {
  readonly from?: string;
  readonly name?: string;
}

/** Declares `init`. */
export function addInit(program: Command, run: RunBody): void {
  const command = program
    .command('init')
    .argument('[folder]', 'where (default: here); a project that is there stays as it is, and is added to')
    .description('make a project with a pipeline and its test, from a sample file')
    .option('--from <file>', 'a file such as those to load: CSV, TSV, NDJSON or Parquet (default: a few orders)')
    .option('--name <name>', 'the name of table, contract and workflow (default: the name of the file)');
  addSampleFlags(command).action((folder: string | undefined, flags: Flags) =>
    run(async ({ terminal }) => {
      const { from, name } = flags;
      const options = { ...sampleOptions(flags), ...(from && { from }), ...(name && { name }) };
      const project = await lazyInit().initProject({ folder: folder ?? '.', ...options });
      tell(project, terminal);
      return exitCodes.ok;
    }),
  );
}

function tell(project: NewProject, terminal: Terminal): void {
  const { profile, ...rest } = project;
  terminal.result({ ...rest, ...profile }, () => renderProject(project));
}

/** What was made, and what to do next. */
export function renderProject({ folder, workflow, profile, place, ...files }: NewProject): string {
  const { contract, rows, keptRows } = profile;
  const { name, key, columns } = contract;
  const shape = [
    plural(rows, 'row'),
    plural(Object.keys(columns).length, 'column'),
    key ? `key ${key.join(', ')}${keptRows < rows ? ` (${keptRows} different)` : ''}` : 'no key',
  ];
  const extended = Object.entries(files.extended).map(([file, added]) => `${file} (${added.join(', ')})`);
  const facts = fields([
    ['created', files.created.join('\n')],
    ['added to', extended.join(', ') || undefined],
    ['kept', files.kept.join(', ') || undefined],
    ['loads', `${place.glob} of ${place.root}${place.small ? '' : ', where the sample lies: it is too large to copy'}`],
  ], '  '); // prettier-ignore
  const taken = files.taken.map(
    (script) => `${paint.yellow('!')} package.json has another script of this name: ${script}`,
  );
  return [
    `${paint.green('✓')} ${paint.bold(name)}  ${shape.join(', ')}`,
    facts,
    ...taken,
    '',
    '  Next:',
    ...nextSteps(folder, name, workflow, files.taken.length > 0).map((line) => (line === '' ? '' : `    ${line}`)),
  ].join('\n');
}

function nextSteps(folder: string, name: string, workflow: string, renamed: boolean): string[] {
  const way = path.relative(process.cwd(), folder);
  const steps: [string, string][] = [
    ...(way === '' ? [] : [[`cd ${/^[\w./-]+$/.test(way) ? way : JSON.stringify(way)}`, ''] as [string, string]]),
    ['npm install', ''],
    [renamed ? 'npx tsx --test test/*.test.ts' : 'npm test', 'loads the sample on servers of its own'],
    [renamed ? 'npx loadline dev' : 'npm run dev', 'Temporal, its UI, PostgreSQL and a worker'],
    [renamed ? `npx loadline run ${workflow}` : 'npm run load', 'in another terminal: loads what is new'],
  ];
  const width = Math.max(...steps.map(([command]) => command.length));
  const lines = steps.map(([command, what]) =>
    what === '' ? paint.cyan(command) : `${paint.cyan(command.padEnd(width))}  ${paint.dim(what)}`,
  );
  return [...lines, '', `Then read contracts/${name}.ts: it says what was found in the sample, and why.`];
}
