import { didYouMean } from '../../activities/contracts/did-you-mean';
import { refuseOption } from './config-refusal';
import type { ConfigShape } from './config-schema';

type Override = NonNullable<ConfigShape['profiles']>[string];
type Section = 'warehouses' | 'stores';

/**
 * The configuration with a profile merged over it, key by key.
 *
 * @throws `InvalidConfig` when there is no such profile.
 */
export function mergeProfile(config: ConfigShape, profile: string | null, file: string): Record<string, unknown> {
  const { profiles = {}, ...base } = config;
  if (profile === null) return base;
  if (!Object.hasOwn(profiles, profile)) {
    throw refuseOption(file, {
      option: 'profiles',
      expected: 'a profile that the configuration names',
      got: `"${profile}"`,
      remedy: didYouMean(profile, Object.keys(profiles)),
    });
  }
  const over = profiles[profile]!;
  return {
    ...base,
    warehouses: mergeNamed(base, over, 'warehouses'),
    stores: mergeNamed(base, over, 'stores'),
    worker: { ...base.worker, ...over.worker },
    temporal: { ...base.temporal, ...over.temporal },
    ...(over.state === undefined ? {} : { state: over.state }),
    ...(over.batchStore === undefined ? {} : { batchStore: over.batchStore }),
  };
}

function mergeNamed(base: Omit<ConfigShape, 'profiles'>, over: Override, section: Section): Record<string, unknown> {
  const merged: Record<string, unknown> = { ...base[section] };
  for (const [name, options] of Object.entries(over[section] ?? {}))
    merged[name] = ofOtherKind(base[section][name], options) ? options : { ...base[section][name], ...options };
  return merged;
}

/** The options of one kind mean nothing to another. */
const ofOtherKind = (base: { kind?: unknown } | undefined, over: { kind?: unknown }): boolean =>
  base !== undefined && over.kind !== undefined && over.kind !== base.kind;
