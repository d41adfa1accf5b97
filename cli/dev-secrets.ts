import { embeddedSecrets } from './dev-screen';
import type { ResolvedConfig } from '../workers/config';

/** The variables that are to mean the database of `loadline dev`, with its URL. */
export function devSecrets(
  config: Pick<ResolvedConfig, 'warehouses'>,
  database: { readonly url: string; readonly embedded: boolean },
): Record<string, string> {
  const names = [...embeddedSecrets(config), ...(database.embedded ? ['DATABASE_URL'] : [])];
  return Object.fromEntries(names.map((name) => [name, database.url]));
}
