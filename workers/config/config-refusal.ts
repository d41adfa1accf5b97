import { loadFailure } from '../../workflows/load-error';
import { pathText, type Refusal } from '../../activities/contracts/zod-issue';
import { secretOptions } from './config-schema';

/** What is wrong with one option. */
export interface OptionRefusal {
  readonly option: string;
  readonly expected: string;
  /** Left out where the value may be a secret. */
  readonly got?: string;
  readonly remedy?: string;
}

/** The failure that refuses an option: which one, what is accepted, what was there. */
export function refuseOption(file: string, refusal: OptionRefusal, what?: string): Error {
  const { option, expected, got } = refusal;
  // Any file may be named by --config.
  const remedy = refusal.remedy ?? (file ? `Correct the named option in ${file}.` : undefined);
  return loadFailure('InvalidConfig', {
    ...(what === undefined ? {} : { what }),
    object: [file, option].filter(Boolean).join(' '),
    expected,
    ...(got === undefined ? {} : { got }),
    ...(remedy === undefined ? {} : { remedy }),
  });
}

/** The failure for everything that the schema refused; the first in full, the rest by name. */
export function refuseOptions(file: string, refusals: readonly Refusal[], from = ''): Error {
  const [first, ...others] = refusals;
  const names = others.map((other) => from + pathText(other.path));
  const what = `The configuration is malformed.${others.length ? ` ${others.length + 1} options are wrong; the others: ${names.slice(0, 5).join(', ')}${names.length > 5 ? ' …' : ''}.` : ''}`;
  const { path, expected, got, remedy } = first!;
  // A value under `url` may be a password that somebody wrote down; only its absence is told.
  const secret = path.some((part) => secretOptions.includes(String(part))) && got !== 'nothing';
  return refuseOption(
    file,
    {
      option: from + pathText(path),
      expected,
      ...(got === undefined ? {} : { got: secret ? 'another value, not shown' : got }),
      ...(remedy === undefined ? {} : { remedy }),
    },
    what,
  );
}
