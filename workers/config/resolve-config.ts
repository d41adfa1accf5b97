import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { refusalsOf } from '../../activities/contracts/zod-issue';
import { configSchema } from './config-schema';
import { loadContracts } from './load-contracts';
import { shortPath } from './short-path';
import { mergeProfile } from './merge-profile';
import { refuseOption, refuseOptions } from './config-refusal';
import { resolveSchedules } from './resolve-schedules';
import { resolveBatchStore, resolveStore } from './resolve-store';
import { resolveWarehouse } from './resolve-warehouse';
import type { ConfigShape } from './config-schema';
import type { CanaryOptions } from '../../workflows/config';
import type { ResolvedConfig, ResolvedDeployment } from './resolved-config';

/**
 * Checks a configuration, merges the profile over it and decides every option.
 *
 * @param file - The file it was written in; paths in it are relative to that file.
 * @throws `InvalidConfig`, `InvalidContract`
 */
export async function resolveConfig(written: unknown, file: string, profile: string | null): Promise<ResolvedConfig> {
  const name = shortPath(file);
  const merged = mergeProfile(parse(written, name), profile, name);
  const config = parse(merged, profile === null ? name : `${name} (profile ${profile})`);
  const rootDir = path.dirname(file);
  return {
    path: file,
    rootDir,
    profile,
    stateDir: path.resolve(rootDir, config.state ?? '.loadline'),
    warehouses: mapNamed(config.warehouses, (key, shape) => resolveWarehouse(key, shape, { file: name, rootDir })),
    stores: mapNamed(config.stores, (key, shape) => resolveStore(key, shape, rootDir)),
    batchStore: resolveBatchStore(config, name),
    ...(await loadContracts(config.contracts, {
      configFile: file,
      rootDir,
      warehouses: Object.keys(config.warehouses),
    })),
    ...resolveWorker(config, rootDir, name),
    temporal: {
      address: config.temporal?.address ?? null,
      namespace: config.temporal?.namespace ?? null,
      profile: config.temporal?.profile ?? null,
    },
    schedules: resolveSchedules(config.schedules ?? [], name),
  };
}

function parse(value: unknown, file: string): ConfigShape {
  const parsed = configSchema.safeParse(value);
  if (!parsed.success) throw refuseOptions(file, refusalsOf(parsed.error, value));
  return parsed.data;
}

function mapNamed<S, R>(named: Readonly<Record<string, S>>, resolve: (name: string, shape: S) => R): Map<string, R> {
  return new Map(Object.entries(named).map(([name, shape]) => [name, resolve(name, shape)]));
}

type WorkerFields = Pick<
  ResolvedConfig,
  'taskQueue' | 'buildId' | 'workflowsPath' | 'activitiesPath' | 'deployment' | 'canary'
>;

function resolveWorker({ worker = {}, deploy = {} }: ConfigShape, rootDir: string, file: string): WorkerFields {
  const buildId = worker.buildId ?? (process.env['LOADLINE_BUILD_ID'] || packageVersion(rootDir));
  return {
    taskQueue: worker.taskQueue ?? 'loadline',
    buildId,
    deployment: resolveDeployment(worker, buildId, file),
    // What it says of a load is checked where loads are.
    canary: (deploy.canary ?? {}) as unknown as CanaryOptions,
    workflowsPath: modulePath(worker.workflows, rootDir, 'worker.workflows', file),
    activitiesPath: modulePath(worker.activities, rootDir, 'worker.activities', file),
  };
}

function resolveDeployment(
  { deployment, versioning }: NonNullable<ConfigShape['worker']>,
  buildId: string,
  file: string,
): ResolvedDeployment | null {
  if (deployment === undefined) {
    if (versioning === undefined) return null;
    const expected = 'worker.deployment, the name of a Worker Deployment, beside it';
    throw refuseOption(file, { option: 'worker.versioning', expected, got: 'none' });
  }
  if (buildId === unversioned)
    throw refuseOption(file, {
      option: 'worker.buildId',
      expected: 'a build that differs from every other, since worker.deployment is set',
      got: 'neither worker.buildId, nor LOADLINE_BUILD_ID, nor a version in package.json',
      remedy: 'Set LOADLINE_BUILD_ID, to the commit for example.',
    });
  return { name: deployment, versioning: versioning ?? 'pinned' };
}

const unversioned = 'unversioned';

const moduleEndings = ['', '.ts', '.mts', '.cts', '.js', '.mjs', '.cjs', '/index.ts', '/index.js'];

function modulePath(written: string | undefined, rootDir: string, option: string, file: string): string | null {
  if (written === undefined) return null;
  const base = path.resolve(rootDir, written);
  const found = moduleEndings
    .map((end) => base + end)
    .find((candidate) => path.extname(candidate) !== '' && existsSync(candidate));
  if (found) return found;
  throw refuseOption(file, {
    option,
    expected: 'the path of a module, relative to the configuration file',
    got: `"${written}", which does not exist in ${rootDir}`,
    remedy: 'Correct the path.',
  });
}

/** The version of the nearest package.json from here upward: the user's own. */
function packageVersion(from: string): string {
  for (let dir = from; ; dir = path.dirname(dir)) {
    const file = path.join(dir, 'package.json');
    const version = existsSync(file)
      ? (JSON.parse(readFileSync(file, 'utf8')) as { version?: unknown }).version
      : undefined;
    if (typeof version === 'string' && version !== '') return version;
    if (dir === path.dirname(dir)) return unversioned;
  }
}
