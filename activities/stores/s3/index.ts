import { openObjectStore, type WritableStore } from '../objects/object-store';
import { s3Client } from './client';
import type { ResolvedS3Config } from './config';

/** A store of the objects under a prefix of an S3 bucket. Nothing is asked for before the first use. */
export const openS3 = (name: string, config: ResolvedS3Config, stateDir: string): WritableStore =>
  openObjectStore(s3Client(name, config), { name, prefix: config.prefix, stateDir });
