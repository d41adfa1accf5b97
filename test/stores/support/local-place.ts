import { mkdtemp, mkdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { openLocalFiles } from '../../../activities/stores/local-files';
import type { Place } from './place';

export async function localPlace(): Promise<Place> {
  const root = await mkdtemp(join(tmpdir(), 'loadline-test-'));
  return {
    store: () => openLocalFiles('raw', root),
    async write(path, content) {
      await mkdir(dirname(join(root, path)), { recursive: true });
      await writeFile(join(root, path), content);
    },
    remove: (path) => rm(join(root, path)),
    close: () => rm(root, { recursive: true, force: true }),
  };
}
