import { loadFailure } from '../workflows/load-error';
import type { LoadlineConfig } from '../workflows/config';
import { isResolved, loadConfig, resolveConfig, type ResolvedConfig } from '../workers/config';

/** The configuration that a program hands over, or the nearest file. @throws `InvalidConfig`, `ConfigNotFound` */
export async function givenConfig(config: LoadlineConfig | ResolvedConfig | undefined): Promise<ResolvedConfig> {
  if (config === undefined) return loadConfig();
  if (typeof config !== 'object') throw loadFailure('InvalidConfig', { object: 'config' });
  if (isResolved(config)) return config;
  return resolveConfig(config, `${process.cwd()}/loadline.config.ts`, process.env['LOADLINE_PROFILE'] ?? null);
}
