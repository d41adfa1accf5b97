import { createHash } from 'node:crypto';
import {
  appendFileSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  unlinkSync,
  writeFileSync,
  mkdirSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { driftFindings, syncCi, vendoredHere } from '../../../cli/ci/drift';
import { initCi } from '../../../cli/ci/init-ci';
import { platformFiles, platforms, type Platform } from '../../../cli/ci/vendored';
import { read } from './support';

let folder: string;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'loadline-ci-'))));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const samples = ['orders=data/orders/*.csv'];
const textOf = (file: string): string => readFileSync(join(folder, file), 'utf8');
const put = (file: string, text: string): void => {
  mkdirSync(dirname(join(folder, file)), { recursive: true });
  writeFileSync(join(folder, file), text);
};
const states = (): Record<string, string> =>
  Object.fromEntries(vendoredHere(folder).map(({ file, state }) => [file, state]));
const first = (platform: Platform): string => Object.keys(platformFiles[platform].files)[0]!;

describe.each(platforms)('%s', (platform) => {
  const { files, caller, mention } = platformFiles[platform];

  test('init writes the templates with version and checksum, and a file that calls them', async () => {
    const made = await initCi(platform, samples, folder);
    expect(made).toMatchObject({ created: [...Object.keys(files), caller], extended: [], byHand: null });
    for (const [file, template] of Object.entries(files)) {
      const [header = '', ...body] = textOf(file).split(/(?<=\n)/);
      expect(header).toMatch(/^# loadline 0\.1\.0, sha256 [\da-f]{64}\. /);
      expect(body.join('')).toBe(read(`ci-templates/${template}`));
    }
    expect(textOf(caller)).toContain(mention);
    expect(textOf(caller)).toContain('orders=data/orders/*.csv');
    expect(driftFindings(vendoredHere(folder))).toMatchObject({ verdict: 'pass', findings: [] });
  });

  test('init again changes nothing', async () => {
    await initCi(platform, samples, folder);
    expect(await initCi(platform, [], folder)).toMatchObject({ created: [], extended: [], byHand: null });
  });

  test('a file of the user in the place of a template is not overwritten', async () => {
    put(first(platform), 'mine\n');
    await expect(initCi(platform, samples, folder)).rejects.toThrow(`${first(platform)} is there`);
    expect(textOf(first(platform))).toBe('mine\n');
    expect(existsSync(join(folder, caller))).toBe(false);
  });

  test('an edited file is drift; sync refuses to lose the edit, and --force restores it', async () => {
    await initCi(platform, samples, folder);
    const whole = textOf(first(platform));
    appendFileSync(join(folder, first(platform)), '# mine\n');
    expect(driftFindings(vendoredHere(folder))).toMatchObject({
      verdict: 'fail',
      findings: [{ title: `${first(platform)} is edited`, file: first(platform), level: 'error' }],
    });
    expect(await syncCi(vendoredHere(folder), false, folder)).toEqual({ written: [], refused: [first(platform)] });
    expect(textOf(first(platform))).toContain('# mine');
    expect(await syncCi(vendoredHere(folder), true, folder)).toEqual({ written: [first(platform)], refused: [] });
    expect(textOf(first(platform))).toBe(whole);
  });

  test('a missing file and one of an older version are drift, and sync brings them', async () => {
    await initCi(platform, samples, folder);
    const whole = textOf(first(platform));
    // What an older release wrote.
    put(first(platform), olderFile('name: old\n'));
    expect(states()[first(platform)]).toBe('older');
    expect(driftFindings(vendoredHere(folder)).findings[0]!.message).toContain('It is of loadline 0.0.1');
    await syncCi(vendoredHere(folder), false, folder);
    expect(textOf(first(platform))).toBe(whole);
    unlinkSync(join(folder, first(platform)));
    expect(states()[first(platform)]).toBe('missing');
    expect(await syncCi(vendoredHere(folder), false, folder)).toEqual({ written: [first(platform)], refused: [] });
    expect(textOf(first(platform))).toBe(whole);
  });

  test('ends of lines that git has turned are no edit', async () => {
    await initCi(platform, samples, folder);
    put(first(platform), textOf(first(platform)).replaceAll('\n', '\r\n'));
    expect(states()[first(platform)]).toBe('current');
  });
});

function olderFile(body: string): string {
  return `# loadline 0.0.1, sha256 ${createHash('sha256').update(body).digest('hex')}. Do not edit.\n${body}`;
}

test('a .gitlab-ci.yml without an include gets one at its end, and keeps what it says', async () => {
  put('.gitlab-ci.yml', 'stages: [build, test, deploy]');
  expect(await initCi('gitlab', samples, folder)).toMatchObject({ extended: ['.gitlab-ci.yml'], byHand: null });
  expect(textOf('.gitlab-ci.yml')).toMatch(
    /^stages: \[build, test, deploy\]\n\ninclude:\n {2}- local: \/\.gitlab\/loadline\/gate\.yml\n/,
  );
});

test('a .gitlab-ci.yml with an include stays as it is, and what to add is told', async () => {
  put('.gitlab-ci.yml', 'include: [{local: /other.yml}]\n');
  const made = await initCi('gitlab', samples, folder);
  expect(made.byHand).toMatchObject({
    file: '.gitlab-ci.yml',
    text: expect.stringContaining('local: /.gitlab/loadline/gate.yml'),
  });
  expect(textOf('.gitlab-ci.yml')).toBe('include: [{local: /other.yml}]\n');
});

test('a workflow of the user that has our name stays as it is', async () => {
  put('.github/workflows/loadline.yml', 'name: mine\n');
  expect(await initCi('github', samples, folder)).toMatchObject({ byHand: { file: '.github/workflows/loadline.yml' } });
  expect(textOf('.github/workflows/loadline.yml')).toBe('name: mine\n');
});

test('a repository without templates is told how to get them', () => {
  expect(() => vendoredHere(folder)).toThrow('This repository has no templates of Loadline.');
});

test('a call of templates that are gone is drift', async () => {
  await initCi('gitlab', samples, folder);
  rmSync(join(folder, '.gitlab'), { recursive: true });
  expect(states()).toEqual({ '.gitlab/loadline/gate.yml': 'missing' });
});
