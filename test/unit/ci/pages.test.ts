import { parse } from 'yaml';
import { jobs } from '../../../cli/ci/jobs';
import { parsed } from './parsed';
import { read, source } from './support';

/** The fenced block of a page that is in this language. */
const blockOf = (page: string, language: string): string =>
  new RegExp(`\`\`\`${language}\n([\\s\\S]*?)\n\`\`\``).exec(read(`docs/${page}`))![1]!;
const calls = (text: string): string[][] =>
  [...text.matchAll(/npx (?:--no-install )?loadline ([^'\n]+)/g)].map(([, line = '']) =>
    line
      .replace(/<< [\w.]+ >>/g, 'abc')
      .replace(/ #.*$/, '')
      .trim()
      .split(/ +/),
  );

test.each([
  ['ci-circleci.md', 'yaml', 6],
  ['ci-jenkins.md', 'groovy', 6],
  ['ci.md', 'sh', 2],
] as const)('every command of %s is one that the command line knows', (page, language, count) => {
  const all = calls(blockOf(page, language));
  expect(all.length).toBeGreaterThanOrEqual(count);
  for (const args of all) {
    expect([args.join(' '), parsed(args)]).toEqual([args.join(' '), 'known']);
    if (args[0] === 'ci' && args[1] === 'run') expect(Object.keys(jobs)).toContain(args[2]);
  }
  expect(parsed([...all.at(-1)!, '--no-such-option'])).toContain('unknown option');
});

test.each(['ci-circleci.md', 'ci-jenkins.md'])(
  '%s sets variables that are inputs, and goes back without a question',
  (page) => {
    const known = Object.keys(source.inputs).map((name) => `LOADLINE_CI_${name.replaceAll('-', '_').toUpperCase()}`);
    const set = read(`docs/${page}`).match(/LOADLINE_CI_\w+/g)!;
    for (const name of set) expect(known).toContain(name);
    expect(read(`docs/${page}`)).toContain('loadline rollback --yes');
  },
);

test('the configuration of CircleCI is YAML whose workflows name its jobs', () => {
  const { jobs, workflows } = parse(blockOf('ci-circleci.md', 'yaml')) as {
    jobs: object;
    workflows: Record<string, { jobs: (string | Record<string, { type?: string }>)[] }>;
  };
  const named = Object.values(workflows).flatMap((one) =>
    one.jobs.flatMap((job) =>
      typeof job === 'string'
        ? job
        : Object.entries(job).flatMap(([name, { type }]) => (type === 'approval' ? [] : name)),
    ),
  );
  expect(named.sort()).toEqual(Object.keys(jobs).sort());
});
