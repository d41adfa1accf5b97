import { writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { parse } from 'yaml';
import { read } from '../../unit/ci/support';
import { newFolder, sampleRepository, type Repository } from './support/repository';
import { run } from './support/run';
import { goTool, hasGo, inCi, pythonBin } from './support/tools';

let repository: Repository;
let python: string;
beforeAll(async () => {
  [repository, python] = await Promise.all([sampleRepository(), pythonBin()]);
}, 300_000);

const gate = '.github/workflows/loadline-gate.yml';
const schema = (name: string, file: string, ...more: string[]) =>
  run(join(python, 'check-jsonschema'), ['--builtin-schema', `vendor.${name}`, ...more, file]);

const goes = hasGo || inCi ? describe : describe.skip;
goes('actionlint, with shellcheck (needs Go)', () => {
  const lint = async (where: Repository) =>
    run(await goTool('actionlint'), [], {
      cwd: where.folder,
      env: { ...process.env, PATH: `${python}${delimiter}${process.env['PATH'] ?? ''}` },
    });

  test('finds nothing in the workflows, neither in the templates nor in the file that calls them', async () => {
    await repository.commit();
    expect(await lint(repository)).toEqual({ code: 0, text: '' });
  }, 240_000);

  test('finds an input that a call misspells, and one that it forgets', async () => {
    const other = await sampleRepository();
    other.replace('.github/workflows/loadline.yml', 'samples:', 'smaples:');
    const { code, text } = await lint(other);
    expect(code).toBe(1);
    expect(text).toContain('input "smaples" is not defined');
    expect(text).toContain('input "samples" is required');
  });

  test('finds what a shell would stumble over', async () => {
    const other = await sampleRepository();
    other.replace(gate, 'run: npx --no-install loadline ci run tests', 'run: cat $FILE');
    expect((await lint(other)).text).toContain('SC2086');
  });
});

describe('zizmor', () => {
  // Runners do not know the reference to itself that this audit asks for.
  const config = 'rules:\n  self-repository:\n    disable: true\n';
  const audit = async (where: Repository) => {
    const file = join(newFolder(), 'zizmor.yml');
    writeFileSync(file, config);
    return run(join(python, 'zizmor'), ['--offline', '--config', file, '.'], { cwd: where.folder });
  };

  test('finds nothing', async () => {
    expect(await audit(repository)).toMatchObject({ code: 0, text: expect.stringContaining('No findings to report') });
  });

  test.each([
    [
      'an input in a command',
      /run: npx --no-install loadline ci run tests/,
      'run: echo ${{ inputs.samples }}',
      'template-injection',
    ],
    ['a pin that moves', /actions\/checkout@\S+ # \S+/, 'actions/checkout@v7', 'unpinned-uses'],
    ['credentials that stay', /with:\n +persist-credentials: false/, 'with: {}', 'artipacked'],
  ])('finds %s', async (_, from, to, rule) => {
    const other = await sampleRepository();
    other.replace(gate, from, to);
    const { code, text } = await audit(other);
    expect(code).not.toBe(0);
    expect(text).toContain(rule);
  });

  test('finds secrets that are handed over as a whole', async () => {
    const other = await sampleRepository();
    other.replace('.github/workflows/loadline.yml', /secrets:\n[\s\S]*$/, 'secrets: inherit\n');
    expect((await audit(other)).text).toContain('secrets-inherit');
  });
});

describe('the schemas of the platforms', () => {
  /** A component is two documents; the schema knows one. */
  const parts = (text: string): { header: string; body: string } => {
    const folder = newFolder();
    const [header = '', body = ''] = text.split('\n---\n');
    writeFileSync(join(folder, 'header.yml'), header);
    writeFileSync(join(folder, 'body.yml'), body);
    return { header: join(folder, 'header.yml'), body: join(folder, 'body.yml') };
  };
  const gitlabOf = (text: string) => {
    const { header, body } = parts(text);
    return Promise.all([schema('gitlab-ci', header), schema('gitlab-ci', body, '--data-transform', 'gitlab-ci')]);
  };
  const vendored = '.gitlab/loadline/gate.yml';

  test('know the template of GitLab, and the file that includes it', async () => {
    const results = [
      ...(await gitlabOf(repository.read(vendored))),
      await schema('gitlab-ci', join(repository.folder, '.gitlab-ci.yml')),
    ];
    for (const result of results) expect(result).toMatchObject({ code: 0 });
  });

  test('know no type that GitLab has not, and no keyword', async () => {
    const text = repository.read(vendored);
    const [header] = await gitlabOf(text.replace('type: boolean', 'type: bool'));
    expect(header).toMatchObject({ code: 1, text: expect.stringContaining('bool') });
    const [, body] = await gitlabOf(text.replace('interruptible: true', 'interruptible: sometimes'));
    expect(body).toMatchObject({ code: 1, text: expect.stringContaining('sometimes') });
  });

  test('know the workflows and the action of GitHub', async () => {
    const workflows = [gate, '.github/workflows/loadline-rollback.yml', '.github/workflows/loadline.yml'];
    for (const file of workflows)
      expect(await schema('github-workflows', join(repository.folder, file))).toMatchObject({ code: 0 });
    const action = join(repository.folder, '.github/actions/loadline-setup/action.yml');
    expect(await schema('github-actions', action)).toMatchObject({ code: 0 });
  });

  test('know no keyword that a job of GitHub has not', async () => {
    const file = join(newFolder(), 'gate.yml');
    writeFileSync(file, repository.read(gate).replace(/timeout-minutes:/, 'timeout:'));
    expect(await schema('github-workflows', file)).toMatchObject({ code: 1 });
  });
});

test('the configuration of CircleCI is one, and a misspelt key is none', async () => {
  const [, text = ''] = /```yaml\n([\s\S]*?)\n```/.exec(read('docs/ci-circleci.md'))!;
  const file = join(newFolder(), 'config.yml');
  writeFileSync(file, text);
  expect(await schema('circle-ci', file)).toMatchObject({ code: 0 });
  writeFileSync(file, text.replace('image:', 'imgae:'));
  expect(await schema('circle-ci', file)).toMatchObject({ code: 1 });
});

describe('the call of GitLab', () => {
  // The schema does not look, and neither does gitlab-ci-local; GitLab refuses such a call.
  const wrong = (call: string): { unknown: string[]; missing: string[] } => {
    const [header = ''] = repository.read('.gitlab/loadline/gate.yml').split('\n---\n');
    const { inputs } = (parse(header) as { spec: { inputs: Record<string, { default?: unknown }> } }).spec;
    const given = (parse(call) as { include: readonly { inputs: object }[] }).include[0]!.inputs;
    return {
      unknown: Object.keys(given).filter((name) => !(name in inputs)),
      missing: Object.keys(inputs).filter((name) => inputs[name]!.default === undefined && !(name in given)),
    };
  };

  test('names inputs that there are, and all that must be given', () => {
    expect(wrong(repository.read('.gitlab-ci.yml'))).toEqual({ unknown: [], missing: [] });
    expect(wrong(read('.gitlab-ci.yml'))).toEqual({ unknown: [], missing: [] });
    const misspelt = repository.read('.gitlab-ci.yml').replace('samples:', 'smaples:');
    expect(wrong(misspelt)).toEqual({ unknown: ['smaples'], missing: ['samples'] });
  });
});
