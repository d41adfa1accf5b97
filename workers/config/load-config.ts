import path from 'node:path';
import { findConfig } from './find-config';
import { importModule } from './import-module';
import { loadDotEnv } from './dot-env';
import { unreadableModule } from './module-trouble';
import { resolveConfig } from './resolve-config';
import type { ResolvedConfig } from './resolved-config';

/** What {@link loadConfig} is told. */
export interface LoadConfigOptions {
  /** The configuration file. @default the nearest loadline.config.* from `cwd` upward */
  readonly path?: string | undefined;
  /** A profile of the configuration. @default LOADLINE_PROFILE */
  readonly profile?: string | undefined;
  /** @default the working directory */
  readonly cwd?: string | undefined;
}

/**
 * Finds, reads and resolves the configuration. Variables from a `.env` beside it are set first, where unset.
 *
 * @throws `ConfigNotFound`, `InvalidConfig`, `InvalidContract`
 */
export async function loadConfig(options: LoadConfigOptions = {}): Promise<ResolvedConfig> {
  const file = findConfig(options.cwd ?? process.cwd(), options.path);
  loadDotEnv(path.dirname(file));
  const profile = options.profile ?? (process.env['LOADLINE_PROFILE'] || null);
  return resolveConfig(await importConfig(file), file, profile);
}

async function importConfig(file: string): Promise<unknown> {
  try {
    return defaultOf(await importModule(file));
  } catch (cause) {
    throw unreadableModule(
      {
        code: 'InvalidConfig',
        what: 'The configuration cannot be read.',
        file,
        expected: 'a module that exports a configuration by default',
      },
      cause,
    );
  }
}

/** The default export, also where a CommonJS module was wrapped once more. */
function defaultOf(module: Readonly<Record<string, unknown>>): unknown {
  const written = Object.hasOwn(module, 'default') ? module['default'] : undefined;
  const layers = [module, written, (written as { default?: unknown } | null | undefined)?.default];
  return layers.find((layer) => typeof layer === 'object' && layer !== null && 'warehouses' in layer) ?? written;
}
