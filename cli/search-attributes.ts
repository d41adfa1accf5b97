import { searchAttributeType } from '../workers/search-attributes';
import type { Connection } from '@temporalio/client';
import type { SearchAttributeName } from '../workflows/search-attributes';

export { searchAttributeNames, searchAttributeState } from '../workers/search-attributes';

/** A search attribute as options of `temporal operator search-attribute create`. */
export function searchAttributeFlags(name: SearchAttributeName): string {
  return `--name ${name} --type ${searchAttributeType(name).word}`;
}

/** Registers search attributes in the namespace. */
export async function addSearchAttributes(
  connection: Connection,
  namespace: string,
  missing: readonly SearchAttributeName[],
): Promise<void> {
  const searchAttributes = Object.fromEntries(missing.map((name) => [name, searchAttributeType(name).number]));
  await connection.operatorService.addSearchAttributes({ namespace, searchAttributes });
}
