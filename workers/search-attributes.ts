import type { NativeConnection } from '@temporalio/worker';
import { searchAttributeTypes, type SearchAttributeName } from '../workflows/search-attributes';

/** A type of search attribute, as Temporal's API numbers it and as the Temporal CLI names it. */
const types = {
  KEYWORD: { number: 2, word: 'Keyword' },
  KEYWORD_LIST: { number: 7, word: 'KeywordList' },
} as const;

/** The names of Loadline's search attributes. */
export const searchAttributeNames = Object.keys(searchAttributeTypes) as readonly SearchAttributeName[];

/** The type of a search attribute as Temporal's API numbers it, and as the Temporal CLI names it. */
export const searchAttributeType = (name: SearchAttributeName) => types[searchAttributeTypes[name]];

/** The part of a connection that is asked. */
export type SearchAttributeLister = Pick<NativeConnection, 'operatorService'>;

/** Which of our search attributes a namespace lacks, and which it has with another type. */
export interface SearchAttributeState {
  readonly missing: readonly SearchAttributeName[];
  readonly mistyped: readonly SearchAttributeName[];
}

/** Looks at the search attributes of a namespace. */
export async function searchAttributeState(
  connection: SearchAttributeLister,
  namespace: string,
): Promise<SearchAttributeState> {
  const { customAttributes } = await connection.operatorService.listSearchAttributes({ namespace });
  const found = (name: SearchAttributeName) => customAttributes?.[name];
  return {
    missing: searchAttributeNames.filter((name) => found(name) === undefined),
    mistyped: searchAttributeNames.filter(
      (name) => (found(name) ?? searchAttributeType(name).number) !== searchAttributeType(name).number,
    ),
  };
}

const refreshMs = 60_000;

/**
 * Asks whether a namespace has Loadline's search attributes. A server that does not say counts as one that has none:
 * setting an unregistered attribute would block a workflow for ever, not setting one only hides it from a list.
 */
export function searchAttributesOf(connection: SearchAttributeLister, namespace: string): () => Promise<boolean> {
  let known = false;
  let askedAt = 0;
  let asking: Promise<boolean> = Promise.resolve(false);
  return () => {
    if (known) return Promise.resolve(true);
    // Who asks while the server is being asked waits for the same answer.
    if (Date.now() - askedAt < refreshMs) return asking;
    askedAt = Date.now();
    asking = searchAttributeState(connection, namespace).then(
      ({ missing, mistyped }) => (known = missing.length === 0 && mistyped.length === 0),
      () => false,
    );
    return asking;
  };
}
