import type { ProvisionRoleNames } from '../../activities/warehouses/provision';
import { refuseOption } from './config-refusal';
import { durationMs, type DurationRange } from './duration';

const accepted = {
  publishTimeout: { min: '1s', max: '24h' },
  stageTimeout: { min: '1s', max: '48h' },
  frozenTimeout: { min: '1s', max: '10m' },
  lockTimeout: { min: '1s', max: '1h' },
  claimLease: { min: '10s', max: '1h' },
} as const satisfies Record<string, DurationRange>;

type Field = keyof typeof accepted;
type Durations<F extends Field> = { readonly [K in F as `${K}Ms`]: number };

/** An option of a warehouse, and the file that it is written in. */
export interface OptionPlace {
  /** Such as `warehouses.main`. */
  readonly at: string;
  readonly file: string;
}

/** The durations of a warehouse in milliseconds. @throws `InvalidConfig` */
export function durationsOf<F extends Field>(
  shape: { readonly [K in F]?: string | undefined },
  defaults: Durations<F>,
  fields: readonly F[],
  { at, file }: OptionPlace,
): Durations<F> {
  const ms = (field: F): number => {
    const written = shape[field];
    return written === undefined
      ? (defaults as Readonly<Record<string, number>>)[`${field}Ms`]!
      : durationMs(written, `${at}.${field}`, accepted[field], file);
  };
  return Object.fromEntries(fields.map((field) => [`${field}Ms`, ms(field)])) as Durations<F>;
}

/** What every warehouse that loads and publishes has. */
export const usualDurations = ['publishTimeout', 'stageTimeout', 'lockTimeout', 'claimLease'] as const;

/** Refuses stages among the ledger. @throws `InvalidConfig` */
export function refuseOnePlace(kind: 'Schema' | 'Dataset', ledger: string, stage: string, place: OptionPlace): void {
  if (ledger !== stage) return;
  throw refuseOption(place.file, {
    option: `${place.at}.stage${kind}`,
    expected: `another ${kind.toLowerCase()} than ledger${kind}`,
    got: `"${stage}"`,
    remedy: 'Keep stages apart from the ledger, so that sweeping the one never touches the other.',
  });
}

/** The roles that are provisioned, each by a name of its own. @throws `InvalidConfig` */
export function rolesOf(
  { loader, reader, sweeper, owner }: { [K in keyof ProvisionRoleNames]?: string | undefined } & { loader: string },
  option: string,
  file: string,
): ProvisionRoleNames {
  const roles = { loader, reader: reader ?? null, sweeper: sweeper ?? null, owner: owner ?? null };
  const named = Object.entries(roles).filter(([, role]) => role !== null);
  const twice = named.find(([, role], at) => named.findIndex(([, other]) => other === role) !== at);
  if (!twice) return roles;
  throw refuseOption(file, {
    option: `${option}.${twice[0]}`,
    expected: 'another role than the others',
    got: `"${twice[1]!}"`,
    remedy: 'Give each its own role: rights that one of them lacks are what protects the ledger.',
  });
}
