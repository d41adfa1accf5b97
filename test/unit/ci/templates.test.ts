import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { githubGate, githubRollback, githubSetup, gitlab, read, repository, source, type Step } from './support';

const github = { ...githubGate.jobs, ...githubRollback.jobs };
/** Jobs of GitHub alone: GitLab has code quality and the state of the pipeline. */
const ofGithub = ['sarif', 'verdict'];
const gateJobs = Object.keys(source.jobs);
const steps: readonly Step[] = [...Object.values(github).flatMap((job) => job.steps), ...githubSetup.runs.steps];

test('what is committed is what the source says', () => {
  const script = join(repository, 'scripts/templates.mjs');
  expect(() => execFileSync(process.execPath, [script, '--check'], { stdio: 'pipe' })).not.toThrow();
});

test('GitLab and GitHub have the same jobs, after the same jobs', () => {
  expect(Object.keys(gitlab.jobs).sort()).toEqual([...gateJobs].sort());
  expect(
    Object.keys(github)
      .filter((job) => !ofGithub.includes(job))
      .sort(),
  ).toEqual([...gateJobs].sort());
  for (const job of gateJobs) expect([job, github[job]!.needs ?? []]).toEqual([job, gitlab.jobs[job]!.needs]);
});

test('every job is in one stage, and no job needs one of a later stage', () => {
  const stages = Object.keys(source.stages);
  const stageOf = (job: string): number => stages.findIndex((stage) => source.stages[stage]!.includes(job));
  expect(Object.values(source.stages).flat().sort()).toEqual([...gateJobs].sort());
  for (const [name, job] of Object.entries(gitlab.jobs)) {
    expect(job.stage).toBe(`$[[ inputs.stage-${stages[stageOf(name)]} ]]`);
    for (const need of job.needs) expect(stageOf(need)).toBeLessThanOrEqual(stageOf(name));
  }
});

test('GitLab and GitHub take the same inputs, of the same type, default and meaning', () => {
  const github = { ...githubRollback.on['workflow_dispatch']!.inputs, ...githubGate.on['workflow_call']!.inputs };
  const shared = Object.entries(source.inputs).filter(([, { only }]) => !only);
  expect(
    Object.keys(gitlab.inputs)
      .filter((name) => !source.inputs[name]?.only)
      .sort(),
  ).toEqual(shared.map(([name]) => name).sort());
  for (const [name, input] of shared) {
    const list = input.type === 'array';
    expect(gitlab.inputs[name]).toMatchObject({ type: input.type, description: input.description });
    expect(gitlab.inputs[name]!.default).toEqual(input.default);
    expect(gitlab.inputs[name]!.regex).toEqual(input.pattern);
    expect(github[name]).toMatchObject({
      type: list ? 'string' : input.type,
      description: input.description,
      required: input.default === undefined,
    });
    expect(list && github[name]!.default ? JSON.parse(String(github[name]!.default)) : github[name]!.default).toEqual(
      input.default,
    );
  }
});

test('every job gets the inputs that are its own as variables, and no input goes anywhere else', () => {
  for (const job of gateJobs) {
    const own = Object.entries(source.inputs).filter(([, { of = [] }]) => of.includes(job));
    const variables = own.map(([name]) => `LOADLINE_CI_${name.replaceAll('-', '_').toUpperCase()}`);
    for (const env of [gitlab.jobs[job]!.variables, github[job]!.env ?? {}])
      expect(
        Object.keys(env)
          .filter((name) => /^LOADLINE_CI_(?!REPORTS)/.test(name))
          .sort(),
      ).toEqual(variables.sort());
    expect(JSON.stringify(gitlab.jobs[job]!.script)).not.toContain('$');
  }
  for (const { run } of steps) expect(run ?? '').not.toContain('$');
});

test('every step is one command, the same on both, without logic of a shell', () => {
  const lines = [...Object.values(gitlab.jobs).flatMap((job) => job.script), ...steps.flatMap(({ run }) => run ?? [])];
  for (const line of lines) expect(line).toMatch(/^(npm ci( --[a-z-]+)*|npx --no-install loadline ci [a-z ]+)$/);
  for (const job of gateJobs) {
    const command = `npx --no-install ${source.jobs[job]!.run ?? `loadline ci run ${job}`}`;
    expect(gitlab.jobs[job]!.script.at(-1)).toBe(command);
    expect(github[job]!.steps.flatMap(({ run }) => run ?? [])).toEqual([command]);
  }
});

test('the template of GitLab has no global keyword', () => {
  const global = [
    'default',
    'workflow',
    'variables',
    'stages',
    'include',
    'image',
    'before_script',
    'after_script',
    'cache',
  ];
  expect(gitlab.keys.filter((key) => global.includes(key))).toEqual([]);
});

test('a list, a switch and a text with quotes arrive as they are', () => {
  // GitLab puts values into the text of the file: a variable must be a block to stay a text.
  const text = read('ci-templates/gitlab/templates/gate.yml');
  const carried = text.match(/^ +LOADLINE_CI_(?!REPORTS)\w+: .*$/gm)!;
  expect(carried.length).toBeGreaterThan(10);
  for (const line of carried) expect(line).toMatch(/: \|$/);
});

test('actions of others are pinned by their commit, with the version behind', () => {
  const text = [
    'workflows/loadline-gate.yml',
    'workflows/loadline-rollback.yml',
    'actions/loadline-setup/action.yml',
  ].map((file) => read(`ci-templates/github/${file}`));
  const uses = text
    .join('\n')
    .match(/uses: .*/g)!
    .filter((line) => !line.includes('uses: ./'));
  expect(uses.length).toBeGreaterThan(5);
  for (const line of uses) expect(line).toMatch(/uses: [\w-]+\/[\w/-]+@[\da-f]{40} # v\d+\.\d+\.\d+$/);
  const checkouts = steps.filter(({ uses }) => uses?.startsWith('actions/checkout@'));
  for (const checkout of checkouts) expect(checkout.with).toEqual({ 'persist-credentials': false });
});

test('a job may do what it must: the token of an identity is for the deploy alone', () => {
  expect(githubGate.permissions).toEqual({});
  expect(githubRollback.permissions).toEqual({});
  for (const [name, { permissions, ...job }] of Object.entries(github)) {
    const more = { deploy: { contents: 'read', 'id-token': 'write' }, sarif: { 'security-events': 'write' } };
    expect([name, permissions]).toEqual([name, more[name as keyof typeof more] ?? { contents: 'read' }]);
    expect(job['timeout-minutes']).toBeGreaterThan(0);
  }
  expect(Object.keys(gitlab.jobs).filter((job) => 'id_tokens' in gitlab.jobs[job]!)).toEqual(['deploy']);
});

test('secrets are named one by one, and go where they are needed', () => {
  const text = read('ci-templates/github/workflows/loadline-gate.yml');
  expect(text).not.toMatch(/secrets: inherit/);
  const withSecrets = Object.entries(github).filter(([, { env = {} }]) => JSON.stringify(env).includes('secrets.'));
  expect(withSecrets.map(([job]) => job).sort()).toEqual(['deploy', 'replay', 'rollback']);
  expect(github['replay']!.env).not.toHaveProperty('DATABASE_URL');
});

test('deploys follow each other, are never cancelled, and ask for approval; a way back waits for nothing', () => {
  const group = 'loadline-deploy-${{ inputs.environment }}';
  expect(github['deploy']).toMatchObject({
    environment: '${{ inputs.environment }}',
    concurrency: { group, 'cancel-in-progress': false },
  });
  expect(gitlab.jobs['deploy']).toMatchObject({
    environment: { name: '$[[ inputs.environment ]]' },
    resource_group: 'loadline/$[[ inputs.environment ]]',
    interruptible: false,
  });
  expect(gitlab.jobs['deploy']!.rules.map((rule) => rule.allow_failure ?? false)).toEqual([false, false]);
  for (const job of [github['rollback']!, gitlab.jobs['rollback']!]) {
    expect(job.needs ?? []).toEqual([]);
    expect(job).not.toHaveProperty('concurrency');
    expect(job).not.toHaveProperty('resource_group');
    expect(job['environment']).toBeDefined();
  }
  expect(gitlab.jobs['rollback']!.rules).toEqual([expect.objectContaining({ when: 'manual', allow_failure: true })]);
  expect(Object.keys(githubRollback.on)).toEqual(['workflow_dispatch']);
});

test('reports are kept whatever became of the job', () => {
  for (const job of ['replay', 'quality', 'deploy', 'rollback']) {
    expect(gitlab.jobs[job]!['artifacts']).toMatchObject({
      when: 'always',
      reports: {
        junit: `loadline-report/${job}/**/junit.xml`,
        codequality: `loadline-report/${job}/**/codequality.json`,
      },
    });
    expect(github[job]!.steps.at(-1)).toMatchObject({ if: 'always()', with: { path: `loadline-report/${job}/` } });
  }
});
