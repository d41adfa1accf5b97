import type { LoadIdentity, LoadRequest } from './contract';
import type { Interval } from './interval';

/** What {@link loadKeyOf} joins. */
export interface LoadKeyParts {
  readonly pipeline: string;
  /** Catalogue identities `database.schema.table`. */
  readonly targets: readonly string[];
  readonly identity: LoadIdentity;
  readonly interval?: Interval | undefined;
  /** The first instants of listed partitions. */
  readonly partitions?: readonly string[] | undefined;
  readonly part?: string | undefined;
}

/**
 * `v1/<pipeline>/<database.schema.table>/<interval>[/<part>]`. Each part is percent-encoded, so that no two
 * different loads share a key. Without an interval the third part says what decides instead.
 *
 * @example
 * ```ts
 * loadKeyOf({ pipeline: 'orders-daily', targets: ['shop.public.orders'], identity: 'interval', interval: day('2026-11-22') });
 * // v1/orders-daily/shop.public.orders/2026-11-22..2026-11-23
 * ```
 */
export function loadKeyOf(parts: LoadKeyParts): string {
  const targets = [...parts.targets].sort().join('+');
  const key = ['v1', encodePart(parts.pipeline), targets, spanOf(parts)];
  if (parts.part !== undefined) key.push(encodePart(parts.part));
  return key.join('/');
}

/** Percent-encodes everything that separates parts of a key; colons stay, for people who read instants. */
export function encodePart(text: string): string {
  return encodeURIComponent(text).replace(/%3A/g, ':');
}

/** A catalogue identity: its parts joined by dots, with dots inside a part encoded. */
export function targetIdentity(database: string, schema: string, table: string): string {
  return [database, schema, table].map((part) => encodePart(part).replace(/\./g, '%2E')).join('.');
}

/** What decides that content is the same. `replace` without an interval is about the whole content. */
export function identityOf(request: LoadRequest): LoadIdentity {
  if (request.interval !== undefined) return 'interval';
  return request.mode === 'replace' || request.mode === 'replace-partition' ? 'content' : 'files';
}

function spanOf({ interval, identity, partitions }: LoadKeyParts): string {
  if (interval) return `${shorten(interval.start)}..${shorten(interval.end)}`;
  if (partitions) return `partitions:${[...new Set(partitions)].map(shorten).map(encodePart).sort().join('+')}`;
  return identity;
}

/** Midnight is the date alone; anything else is the whole instant. Injective, so that keys stay distinct. */
function shorten(instant: string): string {
  return instant.endsWith('T00:00:00.000Z') ? instant.slice(0, 10) : instant;
}
