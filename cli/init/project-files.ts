import { parseTableName } from '../../activities/contracts';
import type { Profile } from '../../activities/profile';
import { ownVersion } from '../own-package';
import { contractAsTypeScript, identifier, literal, sourceOptions } from '../profile-text';
import { renderTemplate } from './render';
import type { SamplePlace } from './sample-place';

/** A file of the new project. */
export interface ProjectFile {
  readonly path: string;
  readonly content: string;
}

/** What the files of a project are made of. */
export interface ProjectFacts {
  /** The name in package.json. */
  readonly project: string;
  readonly profile: Profile;
  readonly place: SamplePlace;
}

/** The workflow that loads the table of this name. `loadTable` is Loadline's own, and stands before one of the user's. */
export function workflowOf(name: string): string {
  const workflow = `load${name.replace(/(?:^|_+)([a-z\d])/g, (_, letter: string) => letter.toUpperCase())}`;
  return workflow === 'loadTable' ? 'loadTableFiles' : workflow;
}

/** The files that are the pipeline: none of them may exist. */
export async function pipelineFiles(facts: ProjectFacts): Promise<ProjectFile[]> {
  const { profile, place } = facts;
  const { name } = profile.contract;
  const values = valuesOf(facts);
  const file = async (path: string, template = path): Promise<ProjectFile> => ({
    path: path.replaceAll('__name__', name),
    content: await renderTemplate(template, values),
  });
  return [
    await file('loadline.config.ts'),
    { path: `contracts/${name}.ts`, content: `${contractAsTypeScript(profile, place.sample)}\n` },
    await file('workflows/__name__.ts'),
    await file('test/__name__.test.ts', place.small ? 'test/copied.test.ts' : 'test/referenced.test.ts'),
    await file('register.d.ts'),
  ];
}

/** The files that a project may have already, and then keeps. */
export async function projectFiles(facts: ProjectFacts): Promise<ProjectFile[]> {
  const values = valuesOf(facts);
  const paths = ['package.json', 'tsconfig.json', 'README.md', '.gitignore'];
  return Promise.all(
    paths.map(async (path) => ({ path, content: await renderTemplate(path.replace(/^\./, ''), values) })),
  );
}

function valuesOf({ project, profile, place }: ProjectFacts): Record<string, string> {
  const { contract, rows, keptRows } = profile;
  const { name, key } = contract;
  const options = sourceOptions(profile);
  const table = parseTableName(contract.table);
  return {
    project,
    name,
    contract: identifier(name),
    workflow: workflowOf(name),
    mode: key ? 'merge' : 'append',
    // Inside quotes of a template.
    root: literal(place.root).slice(1, -1),
    files: [literal('raw'), literal(place.glob), ...(options ? [options] : [])].join(', '),
    what: `the files \`${place.glob}\` of \`${place.root}\``,
    sample: literal(place.sample),
    sampleFile: literal(`data/${place.sample}`).slice(1, -1),
    rows: String(keptRows),
    counts: `inserted: ${keptRows}${keptRows < rows ? `, duplicates: ${rows - keptRows}` : ''}`,
    table: [table?.schema, table?.table].filter(Boolean).join('.'),
    version: ownVersion(),
  };
}
