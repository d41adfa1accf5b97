import { loadFailure } from '../../workflows/load-error';
import { checkContract } from './check-contract';
import { contractSchema } from './contract-schema';
import { pathText, refusalsOf, type Refusal } from './zod-issue';
import type { TableContract } from '../../workflows/table-contract';

/** Where a contract was written. */
export interface ContractPlace {
  /** A file, or a place in the configuration such as `contracts[0]`. */
  readonly file: string;
  /** What the file calls the contract, such as `export payments`. */
  readonly part?: string;
  /** The file alone, as an absolute path; absent where no file is known. */
  readonly path?: string;
  /** The position of a field in the file, such as `:5:12`; `name` when the field's name is meant, not its value. */
  readonly locate?: (path: readonly PropertyKey[], name: boolean) => string;
  /** A number as the file writes it, such as `0.50`. */
  readonly number?: (path: readonly PropertyKey[]) => string | undefined;
}

/** What a contract is checked against, beside itself. */
export interface ContractSurroundings {
  /** The names of the configured warehouses. @default any warehouse will do */
  readonly warehouses?: readonly string[];
}

/**
 * Checks that a value is a contract that makes sense.
 *
 * @throws `InvalidContract`, naming the file, the field, what was expected and what was there.
 */
export function validateContract(
  value: unknown,
  where: ContractPlace | string,
  around: ContractSurroundings = {},
): TableContract {
  const place = typeof where === 'string' ? { file: where } : where;
  const parsed = contractSchema.safeParse(value);
  const refusals = parsed.success ? checkContract(parsed.data, around.warehouses) : refusalsOf(parsed.error, value);
  const [first, ...others] = refusals;
  if (first) throw refuse(place, first, others);
  return parsed.data as TableContract;
}

function refuse(place: ContractPlace, first: Refusal, others: readonly Refusal[]): Error {
  const more =
    others.length === 0
      ? ''
      : ` ${others.length + 1} fields are wrong; the others: ${others
          .map((o) => pathText(o.path))
          .slice(0, 5)
          .join(', ')}${others.length > 5 ? ' …' : ''}.`;
  const { path, name, expected, got, remedy } = asWritten(place, first);
  return loadFailure('InvalidContract', {
    what: `A contract is malformed.${more}`,
    object: [`${place.file}${place.locate?.(path, name) ?? ''}`, place.part, pathText(path)].filter(Boolean).join(' '),
    expected,
    ...(got === undefined ? {} : { got }),
    ...(remedy === undefined ? {} : { remedy }),
  });
}

/** A refusal that shows a number as the file does: `1.50`, where YAML has made it 1.5. */
function asWritten(place: ContractPlace, refusal: Refusal): Refusal {
  const { path, got, remedy } = refusal;
  const written = place.number?.(path);
  if (written === undefined || got !== String(Number(written))) return refusal;
  return { ...refusal, got: written, ...(remedy ? { remedy: remedy.replace(`"${got}"`, `"${written}"`) } : {}) };
}
