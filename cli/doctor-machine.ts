import { accessSync, constants, existsSync, mkdirSync, statSync } from 'node:fs';
import path from 'node:path';
import { cachedPath } from '../workers/embedded/temporal-cli';
import { lazyConfig, lazyStores } from './lazy';
import { failed, type Finding } from './finding';
import type { ResolvedConfig, ResolvedGcs, ResolvedS3 } from '../workers/config';

const oldestNode = [20, 19] as const;

/** Node and the Temporal CLI: what is there whatever the configuration says. */
export async function checkMachine(): Promise<Finding[]> {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  const ok = major > oldestNode[0] || (major === oldestNode[0] && minor >= oldestNode[1]);
  const node: Finding = {
    check: 'Node.js',
    ok,
    found: process.versions.node,
    remedy: `Install Node.js ${oldestNode.join('.')} or newer.`,
  };
  return [node, temporalCli()];
}

function temporalCli(): Finding {
  const check = 'Temporal CLI';
  const found = process.env['TEMPORAL_CLI_PATH'] || onPath();
  if (found && existsSync(found)) return { check, ok: true, found };
  const own = cachedPath();
  const remedy = existsSync(own)
    ? `Loadline has one for itself: alias temporal=${own}`
    : '`loadline dev` installs one for itself; for your own use see https://docs.temporal.io/cli.';
  return { check, ok: false, optional: true, found: 'not on PATH', remedy };
}

function onPath(): string | undefined {
  const name = process.platform === 'win32' ? 'temporal.exe' : 'temporal';
  const folders = (process.env['PATH'] ?? '').split(path.delimiter).filter(Boolean);
  return folders.map((folder) => path.join(folder, name)).find((file) => existsSync(file));
}

/** Secrets, stores and the state folder: what the configuration refers to on this machine. */
export async function checkConfig(config: ResolvedConfig): Promise<Finding[]> {
  const secrets = [...config.warehouses.values()].map((warehouse): Finding => {
    const check = `${warehouse.name}: secret`;
    try {
      lazyConfig().readWarehouseSecrets(warehouse);
      const secret = lazyConfig().secretOf(warehouse);
      const found = secret === null ? 'none is referred to' : lazyConfig().secretText(secret);
      return { check, ok: true, found };
    } catch (error) {
      return failed(check, error);
    }
  });
  const stores = await Promise.all(
    [...config.stores.values()].map((store) =>
      store.kind === 'local-files' ? folderFinding(store.name, store.rootDir) : objectsFinding(store, config.stateDir),
    ),
  );
  return [...secrets, ...stores, stateFinding(config.stateDir)];
}

/** Whether the secrets are there, and the bucket can be listed. */
async function objectsFinding(written: ResolvedS3 | ResolvedGcs, stateDir: string): Promise<Finding> {
  const check = `store ${written.name}`;
  try {
    const store = lazyStores().openObjects(written, stateDir);
    await store.reach().finally(() => store.close());
    return { check, ok: true, found: store.root };
  } catch (error) {
    return failed(check, error);
  }
}

function folderFinding(name: string, rootDir: string): Finding {
  const check = `store ${name}`;
  if (!existsSync(rootDir)) {
    return {
      check,
      ok: false,
      found: `${rootDir} does not exist`,
      remedy: 'Create the folder, or correct the root of the store.',
    };
  }
  const readable = statSync(rootDir).isDirectory() && may(rootDir, constants.R_OK | constants.X_OK);
  return { check, ok: readable, found: rootDir, remedy: 'Make it a folder that the user of the worker may read.' };
}

function stateFinding(stateDir: string): Finding {
  const check = 'state folder';
  if (existsSync(stateDir))
    return {
      check,
      ok: may(stateDir, constants.W_OK),
      found: stateDir,
      remedy: 'Give the user of the worker the right to write to it.',
    };
  let parent = path.dirname(stateDir);
  while (!existsSync(parent)) parent = path.dirname(parent);
  const ok = may(parent, constants.W_OK);
  const found = ok ? `${stateDir}, made when it is needed` : `${parent} cannot be written to`;
  return {
    check,
    ok,
    found,
    remedy: 'Set `state` to a folder that can be written to.',
    fix: async () => void mkdirSync(stateDir, { recursive: true }),
  };
}

function may(file: string, mode: number): boolean {
  try {
    accessSync(file, mode);
    return true;
  } catch {
    return false;
  }
}
