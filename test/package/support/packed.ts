import { cp, mkdir, mkdtemp, rm, symlink } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { succeed } from './run';

export const repository = join(__dirname, '../../..');

/** The tarball that `npm publish` would send, and a folder for projects that install it. */
export interface Packed {
  readonly tarball: string;
  /** The copy of the tree that was packed, built. */
  readonly tree: string;
  /** What npm says is in it. */
  readonly files: readonly { readonly path: string; readonly size: number; readonly mode: number }[];
  readonly size: number;
  readonly unpackedSize: number;
  /** A new folder for a project. */
  project(name: string): Promise<string>;
  remove(): Promise<void>;
}

/** Packs a copy of the tree: the script that runs before packing builds anew, and others use what is built here. */
export async function pack(): Promise<Packed> {
  const folder = await mkdtemp(join(tmpdir(), 'loadline-package-'));
  const tree = join(folder, 'tree');
  const listed = await succeed('git', ['ls-files', '--cached', '--others', '--exclude-standard'], { cwd: repository });
  for (const file of listed
    .trim()
    .split('\n')
    .filter((f) => existsSync(join(repository, f)))) {
    await cp(join(repository, file), join(tree, file));
  }
  await symlink(join(repository, 'node_modules'), join(tree, 'node_modules'));
  const out = await succeed('npm', ['pack', '--json', '--silent', '--pack-destination', folder], { cwd: tree });
  const [packed] = JSON.parse(out.slice(out.indexOf('['))) as [Omit<Packed, 'tarball' | 'tree'> & { filename: string }];
  return {
    ...packed,
    tree,
    tarball: join(folder, packed.filename),
    async project(name) {
      await mkdir(join(folder, name));
      return join(folder, name);
    },
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}
