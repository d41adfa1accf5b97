import { createRequire } from 'node:module';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { run, succeed, type Ran } from './run';
import { withRsync } from './tools';
import { surroundings } from './surroundings';
import type { Repository } from './repository';

const gitlabCiLocal = join(
  dirname(createRequire(__filename).resolve('gitlab-ci-local/package.json')),
  '../.bin/gitlab-ci-local',
);

/** A job as GitLab would make it. */
export interface ListedJob {
  readonly name: string;
  readonly stage: string;
  readonly when: string;
  readonly allow_failure: boolean;
  readonly needs: readonly { readonly job: string }[];
}

/** The jobs of a pipeline, without running any. */
export async function listJobs(repository: Repository, variables: Variables = {}): Promise<readonly ListedJob[]> {
  const text = await succeed(gitlabCiLocal, ['--list-json', ...flags(variables)], await options(repository));
  const all = JSON.parse(text.slice(text.search(/^\[$/m), text.lastIndexOf(']') + 1)) as readonly ListedJob[];
  // What is never run is listed, too.
  return all.filter(({ when }) => when !== 'never');
}

type Variables = Readonly<Record<string, string>>;

/** A pipeline that has run. */
export interface Pipeline extends Ran {
  /** The names of jobs that have passed and failed. */
  readonly passed: readonly string[];
  readonly failed: readonly string[];
  /** The path of an artifact of a job. */
  artifact(job: string, file: string): string;
}

/** Runs the pipeline of a push, or the named jobs of it, also such that wait for a person. */
export async function runPipeline(
  repository: Repository,
  variables: Variables = {},
  jobs: readonly string[] = [],
): Promise<Pipeline> {
  const ran = await run(
    gitlabCiLocal,
    [
      ...['--force-shell-executor', '--shell-isolation', '--no-artifacts-to-source', '--concurrency', '2'],
      ...flags(variables),
      ...jobs.flatMap((job) => ['--manual', job]),
      ...jobs,
    ],
    await options(repository),
  );
  const names = (state: string): string[] =>
    [...ran.text.matchAll(new RegExp(`^ ${state} +(\\S+)`, 'gm'))].map(([, name = '']) => name);
  return {
    ...ran,
    passed: names('PASS').sort(),
    failed: names('FAIL').sort(),
    artifact(job, file) {
      const path = join(repository.folder, '.gitlab-ci-local/artifacts', job.replaceAll(':', 'Og'), file);
      if (!existsSync(path)) throw new Error(`${job} has left no ${file}`);
      return path;
    },
  };
}

const flags = (variables: Variables): string[] =>
  Object.entries(variables).flatMap(([name, value]) => ['--variable', `${name}=${value}`]);

const options = async ({ folder }: Repository) => ({ cwd: folder, env: await withRsync(surroundings()) });
