import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse, parseAllDocuments } from 'yaml';

export const repository = join(__dirname, '../../..');
export const read = (file: string): string => readFileSync(join(repository, file), 'utf8');

export interface GateInput {
  readonly only?: 'gitlab' | 'github';
  readonly type: string;
  readonly of?: readonly string[];
  readonly default?: unknown;
  readonly description: string;
  readonly pattern?: string;
}

export interface GateJob {
  readonly run?: string;
  readonly needs?: readonly string[];
  readonly byHand?: boolean;
  readonly deploys?: boolean;
}

export const source = parse(read('ci-templates/gate.yml')) as {
  readonly stages: Readonly<Record<string, readonly string[]>>;
  readonly inputs: Readonly<Record<string, GateInput>>;
  readonly jobs: Readonly<Record<string, GateJob>>;
};

export interface GitlabJob {
  readonly stage: string;
  readonly needs: readonly string[];
  readonly script: readonly string[];
  readonly variables: Readonly<Record<string, string>>;
  readonly rules: readonly { readonly if: string; readonly when?: string; readonly allow_failure?: boolean }[];
  readonly [key: string]: unknown;
}

const [header, body] = parseAllDocuments(read('ci-templates/gitlab/templates/gate.yml')).map(
  (document) => document.toJS() as unknown,
);
const prefix = '$[[ inputs.job-prefix ]]';

export const gitlab = {
  inputs: (header as { spec: { inputs: Record<string, GateInput & { regex?: string }> } }).spec.inputs,
  keys: Object.keys(body as object),
  jobs: Object.fromEntries(
    Object.entries(body as Record<string, GitlabJob>).map(([name, job]) => [
      name.replace(prefix, ''),
      { ...job, needs: job.needs.map((one) => one.replace(prefix, '')) } satisfies GitlabJob,
    ]),
  ) as Record<string, GitlabJob>,
};

export interface Step {
  readonly run?: string;
  readonly uses?: string;
  readonly if?: string;
  readonly with?: Readonly<Record<string, unknown>>;
}

export interface GithubJob {
  readonly needs?: readonly string[];
  readonly permissions: Readonly<Record<string, string>>;
  readonly steps: readonly Step[];
  readonly env?: Readonly<Record<string, string>>;
  readonly [key: string]: unknown;
}

interface Workflow {
  readonly permissions: object;
  readonly jobs: Readonly<Record<string, GithubJob>>;
  readonly on: Readonly<
    Record<string, { readonly inputs: Readonly<Record<string, GateInput & { required: boolean }>> }>
  >;
}

export const githubGate = parse(read('ci-templates/github/workflows/loadline-gate.yml')) as Workflow;
export const githubRollback = parse(read('ci-templates/github/workflows/loadline-rollback.yml')) as Workflow;
export const githubSetup = parse(read('ci-templates/github/actions/loadline-setup/action.yml')) as {
  readonly runs: { readonly steps: readonly Step[] };
};
