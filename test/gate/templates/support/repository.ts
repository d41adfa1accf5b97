import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { succeed } from './run';

const ours = join(__dirname, '../../../..');
const cli = join(ours, 'dist/cli/main.js');
const git = ['-c', 'user.name=Test', '-c', 'user.email=test@localhost', '-c', 'commit.gpgsign=false'];

/** A user's repository with the templates of both platforms, on its default branch. */
export interface Repository {
  readonly folder: string;
  /** Changes a file; `commit` makes the change known to the pipelines. */
  write(file: string, text: string): void;
  replace(file: string, from: string | RegExp, to: string): void;
  read(file: string): string;
  commit(): Promise<string>;
}

let base: Promise<string> | undefined;
const made: string[] = [];
afterAll(() => {
  for (const folder of made.splice(0)) rmSync(folder, { recursive: true, force: true });
  base = undefined;
});

/** A new copy of the sample repository: a pipeline as `loadline init` makes it, and the gate as `loadline ci init` does. */
export async function sampleRepository(): Promise<Repository> {
  const folder = join(newFolder(), 'shop');
  cpSync(await (base ??= makeBase()), folder, { recursive: true, verbatimSymlinks: true });
  const path = (file: string): string => join(folder, file);
  const repository: Repository = {
    folder,
    read: (file) => readFileSync(path(file), 'utf8'),
    write(file, text) {
      mkdirSync(dirname(path(file)), { recursive: true });
      writeFileSync(path(file), text);
    },
    replace(file, from, to) {
      const text = repository.read(file);
      const changed = text.replace(from, to);
      if (changed === text) throw new Error(`${file} has no ${from}`);
      repository.write(file, changed);
    },
    async commit() {
      await succeed('git', ['add', '--all'], { cwd: folder });
      await succeed('git', [...git, 'commit', '--quiet', '--allow-empty', '--message', 'change'], { cwd: folder });
      await succeed('git', ['update-ref', 'refs/remotes/origin/main', 'HEAD'], { cwd: folder });
      return (await succeed('git', ['rev-parse', 'HEAD'], { cwd: folder })).trim();
    },
  };
  return repository;
}

export function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'loadline-templates-'));
  made.push(folder);
  return folder;
}

async function makeBase(): Promise<string> {
  if (!existsSync(cli)) throw new Error('Run `npm run build` first: the tests of the templates run the built command.');
  const folder = join(newFolder(), 'shop');
  await succeed(process.execPath, [cli, 'init', folder]);
  vendor(ours, join(folder, 'vendor/loadline'), [
    'dist',
    'ci-templates',
    'contract.schema.json',
    'findings.schema.json',
  ]);
  vendor(join(ours, 'node_modules/@temporalio/workflow'), join(folder, 'vendor/temporalio-workflow'));
  vendor(join(ours, 'node_modules/typescript'), join(folder, 'vendor/typescript'));
  vendor(join(ours, 'node_modules/@types/node'), join(folder, 'vendor/types-node'));
  const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as object;
  const more = {
    scripts: { typecheck: 'tsc', test: 'node --test test/*.unit.mjs' },
    dependencies: {
      loadline: 'file:./vendor/loadline',
      '@temporalio/workflow': 'file:./vendor/temporalio-workflow',
    },
    devDependencies: { typescript: 'file:./vendor/typescript', '@types/node': 'file:./vendor/types-node' },
  };
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ ...manifest, ...more }, null, 2));
  writeFileSync(join(folder, 'test/arithmetic.unit.mjs'), unitTest);
  const tsconfig = readFileSync(join(folder, 'tsconfig.json'), 'utf8');
  writeFileSync(join(folder, 'tsconfig.json'), tsconfig.replace('"include"', '"exclude": ["vendor"], "include"'));
  for (const platform of ['gitlab', 'github'])
    await succeed(process.execPath, [cli, 'ci', 'init', platform], { cwd: folder });
  await succeed('npm', ['install', '--no-audit', '--no-fund'], { cwd: folder });
  await succeed('git', ['init', '--quiet', '--initial-branch', 'main'], { cwd: folder });
  await succeed('git', ['remote', 'add', 'origin', 'git@gitlab.com:shops/shop.git'], { cwd: folder });
  await succeed('git', ['symbolic-ref', 'refs/remotes/origin/HEAD', 'refs/remotes/origin/main'], { cwd: folder });
  return folder;
}

const unitTest = `import { test } from 'node:test';
import assert from 'node:assert';
test('sums', () => assert.equal(1 + 1, 2));
`;

/**
 * A package as npm would install it, but for its size: links to what it is made of, without its dependencies, which are found
 * where the links lead. So \`npm ci\` in a job takes a second.
 */
function vendor(from: string, to: string, files = readdirSync(from)): void {
  mkdirSync(to, { recursive: true });
  const manifest = JSON.parse(readFileSync(join(from, 'package.json'), 'utf8')) as Record<string, unknown>;
  const kept = ['name', 'version', 'bin', 'exports', 'main', 'types', 'typesVersions'];
  const small = Object.fromEntries(kept.flatMap((key) => (key in manifest ? [[key, manifest[key]]] : [])));
  writeFileSync(join(to, 'package.json'), JSON.stringify(small));
  for (const file of files.filter((name) => !['package.json', 'node_modules'].includes(name)))
    symlinkSync(join(from, file), join(to, file));
}
