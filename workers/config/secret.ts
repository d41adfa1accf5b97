import { readFileSync } from 'node:fs';
import path from 'node:path';
import { loadFailure } from '../../workflows/load-error';
import { refuseOption } from './config-refusal';
import type { SecretRef } from '../../workflows/config';

/**
 * The value that a reference points to. Read when it is needed, on the machine that needs it.
 *
 * @param object - What needs the secret, such as `warehouses.analytics.url`; named in the failure.
 * @throws `SecretMissing`, naming the variable or the file, never a value.
 */
export function resolveSecret(ref: SecretRef | string, object: string): string {
  if (typeof ref === 'string') return ref;
  return 'env' in ref ? fromVariable(ref.env, object) : fromFile(ref.file, object);
}

/** A reference whose file is found from anywhere. */
export function anchored<R extends SecretRef | string>(ref: R, rootDir: string): R {
  return typeof ref === 'object' && 'file' in ref ? { ...ref, file: path.resolve(rootDir, ref.file) } : ref;
}

/** A reference as people read it: the variable or the file, never the value. */
export function secretText(ref: SecretRef | string): string {
  if (typeof ref === 'string') return 'the URL in the configuration';
  return 'env' in ref ? `the variable ${ref.env}` : `the file ${ref.file}`;
}

/** Refuses a URL that is written down with its password. @throws `InvalidConfig`, without the URL. */
export function checkLiteralUrl(ref: SecretRef | string, option: string, file: string): void {
  if (typeof ref !== 'string') return;
  if (!holdsPassword(ref)) return;
  throw refuseOption(file, {
    option,
    expected: "env('NAME'), secretFile('path'), or a postgres:// URL without a password",
    got: 'a URL with a password',
    remedy: "Put the URL into a variable or a file and refer to it: url: env('DATABASE_URL').",
  });
}

function holdsPassword(text: string): boolean {
  // `postgres://me@/db` is fine for the driver and no URL for the standard.
  if (!URL.canParse(text)) return /:[^@]*@/.test(text.replace(/^[a-z]+:/, '')) || /pass/i.test(text);
  const url = new URL(text);
  return url.password !== '' || [...url.searchParams.keys()].some((key) => /pass/i.test(key));
}

function fromVariable(name: string, object: string): string {
  const value = process.env[name]?.trim();
  if (value) return value;
  throw loadFailure('SecretMissing', {
    object,
    expected: `the variable ${name}`,
    got: value === undefined ? 'no such variable' : 'an empty variable',
    remedy: `Set ${name} where this runs, or write it into the file .env beside the configuration.`,
  });
}

function fromFile(file: string, object: string): string {
  let value = '';
  try {
    value = readFileSync(file, 'utf8').trim();
  } catch (cause) {
    throw missingFile(file, object, (cause as NodeJS.ErrnoException).code ?? 'unreadable');
  }
  if (value === '') throw missingFile(file, object, 'an empty file');
  return value;
}

function missingFile(file: string, object: string, got: string): Error {
  const remedy = `Create ${file} where this runs, readable by the user it runs as.`;
  return loadFailure('SecretMissing', { object, expected: `the file ${file}`, got, remedy });
}
