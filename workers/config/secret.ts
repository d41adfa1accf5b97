import { readFileSync } from 'node:fs';
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

function fromFile(path: string, object: string): string {
  let value = '';
  try {
    value = readFileSync(path, 'utf8').trim();
  } catch (cause) {
    throw missingFile(path, object, (cause as NodeJS.ErrnoException).code ?? 'unreadable');
  }
  if (value === '') throw missingFile(path, object, 'an empty file');
  return value;
}

function missingFile(path: string, object: string, got: string): Error {
  const remedy = `Create ${path} where this runs, readable by the user it runs as.`;
  return loadFailure('SecretMissing', { object, expected: `the file ${path}`, got, remedy });
}
