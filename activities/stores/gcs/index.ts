import { openObjectStore, type WritableStore } from '../objects/object-store';
import { gcsClient } from './client';
import type { ResolvedGcsConfig } from './config';

/** A store of the objects under a prefix of a GCS bucket. Nothing is asked for before the first use. */
export const openGcs = (name: string, config: ResolvedGcsConfig, stateDir: string): WritableStore =>
  openObjectStore(gcsClient(name, config), { name, prefix: config.prefix, stateDir });
