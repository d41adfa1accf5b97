import type { NativeConnection } from '@temporalio/worker';

/** Loadline's search attributes, with the names of their types in Temporal's API. */
export const searchAttributeTypes = {
  LoadlinePipeline: 'INDEXED_VALUE_TYPE_KEYWORD',
  LoadlineTarget: 'INDEXED_VALUE_TYPE_KEYWORD_LIST',
  LoadlineOutcome: 'INDEXED_VALUE_TYPE_KEYWORD',
} as const;

/** The part of a connection that is asked. */
export type SearchAttributeLister = Pick<NativeConnection, 'operatorService'>;

const numbers: Readonly<Record<string, number>> = { INDEXED_VALUE_TYPE_KEYWORD: 2, INDEXED_VALUE_TYPE_KEYWORD_LIST: 7 };
const refreshMs = 60_000;

/**
 * Asks whether a namespace has Loadline's search attributes. A server that does not say counts as one that has none:
 * setting an unregistered attribute would block a workflow for ever, not setting one only hides it from a list.
 */
export function searchAttributesOf(connection: SearchAttributeLister, namespace: string): () => Promise<boolean> {
  let known = false;
  let askedAt = 0;
  return async () => {
    if (known || Date.now() - askedAt < refreshMs) return known;
    askedAt = Date.now();
    try {
      const { customAttributes } = await connection.operatorService.listSearchAttributes({ namespace });
      known = Object.entries(searchAttributeTypes).every(([name, type]) => customAttributes?.[name] === numbers[type]);
    } catch {
      known = false;
    }
    return known;
  };
}
