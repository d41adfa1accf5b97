import { globSync } from 'tinyglobby';
import { compile, examplesOfDocstrings, examplesOfMarkdown, root, type Example } from './examples';

/** A block that begins with a path is that file of the reader's project. */
const pathOf = ({ text }: Example): string | undefined => /^\/\/ (\S+\.ts)\n/.exec(text)?.[1];
const guides = globSync(['README.md', 'CONTRIBUTING.md', 'docs/*.md', 'ci-templates/*.md'], { cwd: root }).sort();

test('every TypeScript block of the README and the guides compiles', () => {
  const examples = guides.flatMap(examplesOfMarkdown);
  const files = Object.fromEntries(
    examples.flatMap((example) => (pathOf(example) ? [[pathOf(example)!, example.text]] : [])),
  );
  expect(Object.keys(files)).toEqual(expect.arrayContaining(['loadline.config.ts', 'workflows/orders-daily.ts']));
  const fragments = examples.filter((example) => !pathOf(example));
  expect(fragments.length).toBeGreaterThan(1);
  expect(compile(fragments, files)).toEqual([]);
}, 120_000);

test('every example of a docstring compiles', () => {
  const examples = examplesOfDocstrings();
  expect(examples.length).toBeGreaterThan(10);
  const [alone, together] = [true, false].map((apart) =>
    examples.filter(({ text }) => text.includes('declare module') === apart),
  );
  expect(compile(together!)).toEqual([]);
  const config = `import { defineConfig } from 'loadline'; export default defineConfig({ warehouses: {}, stores: {}, contracts: [] });`;
  expect(compile(alone!, { 'loadline.config.ts': config })).toEqual([]);
}, 120_000);

test('an example that does not compile is found', () => {
  const wrong = {
    place: 'a guide:1',
    text: "load({ pipeline: 'p', into: 'orders', mode: 'upsert', from: files('raw', '*.csv') });\n",
  };
  expect(compile([wrong])).toEqual([expect.stringContaining('"upsert"')]);
}, 120_000);
