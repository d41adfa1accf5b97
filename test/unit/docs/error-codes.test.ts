import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { globSync } from 'tinyglobby';
import { loadErrorCodes, takenBack } from '../../../workflows/load-error-code';
import { root } from './examples';

const read = (pattern: string, ignore: string[] = []): string =>
  globSync(pattern, { cwd: root, ignore })
    .map((file) => readFileSync(join(root, file), 'utf8'))
    .join('\n');
const product = read('{workflows,activities,workers,client,testing,cli}/**/*.ts', ['workflows/load-error-code.ts'])
  // What a docstring promises is not what is thrown.
  .replace(/\/\*\*[\s\S]*?\*\//g, '')
  .replace(/isLoadError\([^)]*\)/g, '');
const tests = read('test/{unit,integration,failpoints,gate,crash,package,warehouses}/**/*.ts', ['test/unit/docs/**']);

test('every code has its page, and the index names it', () => {
  const index = readFileSync(join(root, 'docs/errors/README.md'), 'utf8');
  const missing = loadErrorCodes.filter(
    (code) => !existsSync(join(root, `docs/errors/${code}.md`)) || !index.includes(`[${code}](${code}.md)`),
  );
  expect(missing).toEqual([]);
});

test('the pages say which codes the workflow goes back for', () => {
  const asked = [...read('workflows/protocol-1.ts').matchAll(/isLoadError\(error, '(\w+)'\)/g)].map(([, code]) => code);
  expect([...takenBack].sort()).toEqual([...new Set(asked)].sort());
  for (const code of loadErrorCodes)
    expect(read(`docs/errors/${code}.md`).includes('**Tried again?** By the workflow')).toBe(takenBack.includes(code));
});

test('every code is thrown somewhere in the product', () => {
  expect(loadErrorCodes.filter((code) => !product.includes(`'${code}'`))).toEqual([]);
});

test('every code is provoked by some test', () => {
  const provoked = (code: string): boolean => new RegExp(`['"\`/ ^(|{]${code}\\b`).test(tests);
  expect(loadErrorCodes.filter((code) => !provoked(code))).toEqual([]);
});
