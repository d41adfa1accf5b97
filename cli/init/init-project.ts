import { copyFile, mkdir, writeFile } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { profileFile, snakeName, type Profile, type ProfileOptions } from '../../activities/profile';
import { templatePath } from '../own-package';
import { UsageError } from '../usage-error';
import { mergeIgnored, mergeManifest, type Merged } from './existing-project';
import { pipelineFiles, projectFiles, workflowOf, type ProjectFile } from './project-files';
import { placeSample, type SamplePlace } from './sample-place';

/** What {@link initProject} is told. */
export interface InitOptions extends ProfileOptions {
  readonly folder: string;
  /** A file such as those to load. @default orders that come with the package */
  readonly from?: string;
}

/** What a new project is. */
export interface NewProject {
  readonly folder: string;
  readonly workflow: string;
  readonly profile: Profile;
  readonly place: SamplePlace;
  /** Relative to the folder. */
  readonly created: readonly string[];
  /** Files that were there and got something added, each with what. */
  readonly extended: Readonly<Record<string, readonly string[]>>;
  /** Files that were there and stay as they are. */
  readonly kept: readonly string[];
  /** Scripts that could not be added, since others have their names. */
  readonly taken: readonly string[];
}

/** Makes a project of a sample. Writes nothing unless all of it can be written; changes no file but to add to it. */
export async function initProject({ folder: written, from, ...options }: InitOptions): Promise<NewProject> {
  const folder = path.resolve(written);
  const sample = from ?? templatePath('orders.csv');
  const name = nameOf(options.name);
  const profile = await profileFile(sample, { ...options, ...(name && { name }) });
  if (profile.rows === 0) throw new UsageError(`${sample} has no rows.`, 'Name a sample with some rows in it.');
  const place = await placeSample(sample, folder, profile.contract.name);
  const facts = { project: projectName(folder), profile, place };
  const pipeline = await pipelineFiles(facts);
  refuseExisting(folder, [...pipeline.map((file) => file.path), ...(place.copyTo ? [place.copyTo] : [])]);
  const plan = await planProject(folder, await projectFiles(facts));
  await writing(async () => {
    for (const file of [...pipeline, ...plan.writes]) await writeInto(folder, file);
    if (!place.copyTo) return;
    await mkdir(path.dirname(path.join(folder, place.copyTo)), { recursive: true });
    await copyFile(sample, path.join(folder, place.copyTo));
  });
  const all = [...pipeline, ...plan.writes].map((file) => file.path).filter((file) => !(file in plan.extended));
  const { extended, kept, taken } = plan;
  const created = [...all, ...(place.copyTo ? [place.copyTo] : [])];
  return { folder, workflow: workflowOf(profile.contract.name), profile, place, created, extended, kept, taken };
}

/** @throws `UsageError` where the file system refuses */
async function writing(write: () => Promise<void>): Promise<void> {
  try {
    await write();
  } catch (error) {
    const { code, path: file } = error as NodeJS.ErrnoException;
    if (code === undefined || file === undefined) throw error;
    throw new UsageError(`${file} cannot be written: ${code}.`, 'Name a folder that you may write to.');
  }
}

function nameOf(given: string | undefined): string | undefined {
  if (given === undefined || /^[a-z][a-z\d_]*$/.test(given)) return given;
  const near = snakeName(given);
  throw new UsageError(
    `--name ${given} cannot name a table and a file alike.`,
    near ? `Say --name ${near}.` : 'Use small letters, digits and _.',
  );
}

const projectName = (folder: string): string => (snakeName(path.basename(folder)) ?? 'pipeline').replaceAll('_', '-');

function refuseExisting(folder: string, files: readonly string[]): void {
  const there = files.filter((file) => existsSync(path.join(folder, file)));
  if (there.length === 0) return;
  const remedy = there.includes('loadline.config.ts')
    ? 'This is a Loadline project already. For another table: `loadline profile <file> --typescript`, and add the contract to the configuration.'
    : 'Choose another folder or another --name, or move these files away.';
  throw new UsageError(`Nothing was written, since there is already: ${there.join(', ')}.`, remedy);
}

interface ProjectPlan {
  readonly writes: readonly ProjectFile[];
  readonly extended: Readonly<Record<string, readonly string[]>>;
  readonly kept: readonly string[];
  readonly taken: readonly string[];
}

const merges: Readonly<Record<string, (file: string, template: string) => Promise<Merged>>> = {
  'package.json': mergeManifest,
  '.gitignore': mergeIgnored,
};

async function planProject(folder: string, files: readonly ProjectFile[]): Promise<ProjectPlan> {
  const writes: ProjectFile[] = [];
  const extended: Record<string, readonly string[]> = {};
  const kept: string[] = [];
  const taken: string[] = [];
  for (const file of files) {
    const at = path.join(folder, file.path);
    if (!existsSync(at)) {
      writes.push(file);
      continue;
    }
    const merged = await merges[file.path]?.(at, file.content);
    taken.push(...(merged?.taken ?? []));
    if (!merged?.content) kept.push(file.path);
    else {
      writes.push({ path: file.path, content: merged.content });
      extended[file.path] = merged.added;
    }
  }
  return { writes, extended, kept, taken };
}

async function writeInto(folder: string, { path: file, content }: ProjectFile): Promise<void> {
  await mkdir(path.dirname(path.join(folder, file)), { recursive: true });
  await writeFile(path.join(folder, file), content);
}
