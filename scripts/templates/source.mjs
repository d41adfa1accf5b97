import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';

/** The root of the repository. */
export const root = fileURLToPath(new URL('../../', import.meta.url));

/** Reads the one source of all templates, with the name and stage of each job, and the names of its inputs. */
export function readSource() {
  const { stages, inputs, secrets, jobs } = parse(readFileSync(join(root, 'ci-templates/gate.yml'), 'utf8'));
  const stageOf = (job) => Object.keys(stages).find((stage) => stages[stage].includes(job));
  const all = Object.entries(inputs).map(([name, input]) => ({ name, ...input }));
  return {
    stages,
    inputs: all,
    jobs: Object.entries(jobs).map(([name, job]) => ({
      name,
      stage: stageOf(name),
      needs: [],
      run: `loadline ci run ${name}`,
      ...job,
      takes: all.filter(({ of = [] }) => of.includes(name)),
      knows: (job.secrets ?? []).flatMap((group) => Object.keys(secrets[group])),
    })),
    secrets: Object.assign({}, ...Object.values(secrets)),
  };
}

/** The inputs that a platform has. */
export const inputsOf = (source, platform) => source.inputs.filter(({ only = platform }) => only === platform);

/** The variable that carries an input. */
export const variableOf = (name) => `LOADLINE_CI_${name.replaceAll('-', '_').toUpperCase()}`;

/** Each step is this one command. */
export const command = (run) => `npx --no-install ${run}`;

/** Where `loadline ci run` writes the reports of a job. */
export const reportsOf = (job) => `loadline-report/${job}`;
