import { temporal } from '@temporalio/proto';
import { searchAttributeTypes } from '../workers/search-attributes';
import type { Connection } from '@temporalio/client';

type AttributeName = keyof typeof searchAttributeTypes;

/** Which of our search attributes a namespace lacks, and which it has with another type. */
export interface SearchAttributeState {
  readonly missing: readonly AttributeName[];
  readonly mistyped: readonly AttributeName[];
}

const names = Object.keys(searchAttributeTypes) as readonly AttributeName[];
const typeNumber = (name: AttributeName): number => temporal.api.enums.v1.IndexedValueType[searchAttributeTypes[name]];

/** A search attribute as options of `temporal operator search-attribute create`. */
export function searchAttributeFlags(name: AttributeName): string {
  const type = searchAttributeTypes[name] === 'INDEXED_VALUE_TYPE_KEYWORD_LIST' ? 'KeywordList' : 'Keyword';
  return `--name ${name} --type ${type}`;
}

/** Looks at the search attributes of a namespace. */
export async function searchAttributeState(connection: Connection, namespace: string): Promise<SearchAttributeState> {
  const { customAttributes } = await connection.operatorService.listSearchAttributes({ namespace });
  const registered = customAttributes ?? {};
  const missing = names.filter((name) => registered[name] === undefined);
  const mistyped = names.filter((name) => registered[name] !== undefined && registered[name] !== typeNumber(name));
  return { missing, mistyped };
}

/** Registers search attributes in the namespace. */
export async function addSearchAttributes(
  connection: Connection,
  namespace: string,
  missing: readonly AttributeName[],
): Promise<void> {
  const searchAttributes = Object.fromEntries(missing.map((name) => [name, typeNumber(name)]));
  await connection.operatorService.addSearchAttributes({ namespace, searchAttributes });
}
