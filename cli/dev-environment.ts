import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parseEnv } from 'node:util';
import { identifyProcess, isRunning, pidOf } from '../workers/embedded/process-identity';
import type { ResolvedConfig } from '../workers/config';

/** How other commands, in other terminals, reach the servers of `loadline dev`. */
export interface DevEnvironment {
  readonly address: string;
  readonly namespace: string;
  readonly uiUrl: string | null;
  /** Variables that refer to the embedded database, with its URL. */
  readonly secrets: Readonly<Record<string, string>>;
}

type Owner = Pick<ResolvedConfig, 'stateDir' | 'profile'>;

/** Where the variables of a running `loadline dev` are. Its owner alone may read it. */
export const devEnvironmentFile = ({ stateDir }: Pick<ResolvedConfig, 'stateDir'>): string =>
  path.join(stateDir, 'dev.env');

/** Lets other commands find the servers. Resolves to the function that takes it back. */
export async function shareDevEnvironment(
  config: Owner,
  { address, namespace, uiUrl, secrets }: DevEnvironment,
): Promise<() => void> {
  const variables: Record<string, string> = {
    ...secrets,
    TEMPORAL_ADDRESS: address,
    TEMPORAL_NAMESPACE: namespace,
    ...(uiUrl === null ? {} : { LOADLINE_TEMPORAL_UI: uiUrl }),
    LOADLINE_DEV_PROFILE: config.profile ?? '',
    LOADLINE_DEV_PROCESS: (await identifyProcess(process.pid)) ?? '',
  };
  const file = devEnvironmentFile(config);
  mkdirSync(config.stateDir, { recursive: true });
  rmSync(file, { force: true });
  const lines = Object.entries(variables).map(([name, value]) => `${name}='${value}'`);
  writeFileSync(file, `${lines.join('\n')}\n`, { mode: 0o600 });
  return () => rmSync(file, { force: true });
}

/** Sets what a running `loadline dev` of this profile shares, where it is not set. */
export async function adoptDevEnvironment(config: Owner): Promise<boolean> {
  const shared = readShared(config);
  const { LOADLINE_DEV_PROCESS: owner = '', LOADLINE_DEV_PROFILE: profile = '', ...variables } = shared;
  if (owner === '' || profile !== (config.profile ?? '') || !(await isRunning(owner))) return false;
  const elsewhere = Boolean(process.env['TEMPORAL_ADDRESS'] || process.env['TEMPORAL_PROFILE']);
  for (const [name, value] of Object.entries(variables)) {
    const temporal = name.startsWith('TEMPORAL_') || name === 'LOADLINE_TEMPORAL_UI';
    if (value !== undefined && !(temporal && elsewhere)) process.env[name] ||= value;
  }
  return true;
}

/** The process of a `loadline dev` that runs on this state, whatever its profile. */
export async function runningDev(config: Pick<ResolvedConfig, 'stateDir'>): Promise<number | undefined> {
  const owner = readShared(config)['LOADLINE_DEV_PROCESS'] ?? '';
  return owner !== '' && (await isRunning(owner)) ? pidOf(owner) : undefined;
}

function readShared(config: Pick<ResolvedConfig, 'stateDir'>): NodeJS.Dict<string> {
  try {
    return parseEnv(readFileSync(devEnvironmentFile(config), 'utf8')) as NodeJS.Dict<string>;
  } catch {
    return {};
  }
}
