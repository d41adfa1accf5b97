import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { newFolder, type Repository } from './repository';
import { run, type Ran } from './run';
import { surroundings } from './surroundings';
import { goTool } from './tools';

const stubs = join(__dirname, '../stubs');

/** What a workflow is started by, and with. */
export interface Trigger {
  readonly event?: 'push' | 'pull_request' | 'workflow_dispatch' | 'schedule';
  readonly workflow?: string;
  readonly secrets?: Readonly<Record<string, string>>;
  readonly inputs?: Readonly<Record<string, string>>;
}

/** A workflow that has run. */
export interface Workflow extends Ran {
  /** The folder of all artifacts, each in a folder of its name. */
  readonly artifacts: string;
  /** How each job ended, by its name. */
  readonly jobs: Readonly<Record<string, 'success' | 'failure'>>;
}

/** Runs a workflow on this machine as GitHub's runner would. */
export async function runWorkflow(repository: Repository, trigger: Trigger = {}): Promise<Workflow> {
  const { event = 'push', workflow = 'loadline.yml', secrets = {}, inputs = {} } = trigger;
  const home = newFolder();
  const payload = join(home, 'event.json');
  writeFileSync(payload, JSON.stringify({ ref: 'refs/heads/main', repository: { default_branch: 'main' }, inputs }));
  const artifacts = join(home, 'artifacts');
  const ran = await run(
    await goTool('act'),
    [
      ...[event, '-W', `.github/workflows/${workflow}`, '-e', payload, '--concurrent-jobs', '2'],
      ...['-P', 'ubuntu-24.04=-self-hosted', '--no-cache-server', '--env', `LOADLINE_TEST_ARTIFACTS=${artifacts}`],
      ...Object.entries(secrets).flatMap(([name, value]) => ['-s', `${name}=${value}`]),
      ...standIns(repository),
    ],
    { cwd: repository.folder, env: surroundings({ HOME: home, npm_config_cache: join(home, 'npm') }) },
  );
  const ended = [...ran.text.matchAll(/^\[(?:[^\]/]+\/)*(\w+) *\].*🏁 {2}Job (succeeded|failed)/gm)];
  const jobs = ended.map(([, name = '', how]) => [name, how === 'succeeded' ? 'success' : 'failure'] as const);
  return { ...ran, artifacts, jobs: Object.fromEntries(jobs) };
}

/** Actions of GitHub that cannot be had here do the same on this machine: each is taken at the commit that is pinned. */
function standIns({ folder }: Repository): string[] {
  const files = [
    '.github/workflows/loadline-gate.yml',
    '.github/workflows/loadline-rollback.yml',
    '.github/actions/loadline-setup/action.yml',
  ];
  const text = files.map((file) => readFileSync(join(folder, file), 'utf8')).join('\n');
  const there = readdirSync(stubs);
  const uses = new Set(
    [...text.matchAll(/uses: ([\w-]+\/([\w-]+))(?:\/[\w-]+)?(@[\da-f]{40})/g)]
      .filter(([, , name = '']) => there.includes(name))
      .map(([, action, name, ref]) => `${action}${ref}=${join(stubs, name!)}`),
  );
  return [...uses].flatMap((one) => ['--local-repository', one]);
}
