import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { globSync } from 'tinyglobby';
import { initCi } from '../../../cli/ci/init-ci';
import { platformFiles, platforms, type Platform } from '../../../cli/ci/vendored';
import { read } from './support';

let folder: string;
beforeAll(() => (folder = mkdtempSync(join(tmpdir(), 'loadline-ci-'))));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const tests = globSync('test/gate/templates/*.test.ts').map(read).join('\n');

/** What the tests start on a runner: the file that calls the templates, and workflows by their names. */
const started: Readonly<Record<Platform, readonly string[]>> = {
  gitlab: tests.includes('runPipeline(') ? [platformFiles.gitlab.caller] : [],
  github: tests.includes('runWorkflow(')
    ? [
        platformFiles.github.caller,
        ...[...tests.matchAll(/workflow: '([\w-]+\.yml)'/g)].map(([, name]) => `.github/workflows/${name}`),
      ]
    : [],
};

/** A file and all files of the repository that it calls. */
function reached(file: string): readonly string[] {
  const path = [file, `${file}/action.yml`].find((one) => /\.yml$/.test(one) && existsSync(join(folder, one)));
  if (path === undefined) return [];
  const calls = [...readFileSync(join(folder, path), 'utf8').matchAll(/(?:uses: \.|local: )\/(\S+)/g)];
  return [path, ...calls.flatMap(([, called = '']) => reached(called))];
}

test.each(platforms)('every template of %s is run by a test, on a runner of that platform', async (platform) => {
  await initCi(platform, ['a=a.csv'], folder);
  const run = new Set(started[platform].flatMap(reached));
  const templates = Object.entries(platformFiles[platform].files);
  expect(templates.filter(([file]) => run.has(file)).map(([, template]) => template)).toEqual(
    expect.arrayContaining(globSync(`${platform}/**/*.yml`, { cwd: 'ci-templates' })),
  );
});
