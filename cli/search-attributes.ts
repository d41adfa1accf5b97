import type { Connection } from '@temporalio/client';

/** The search attributes that loads set, all of them keywords. */
export const searchAttributeNames = ['LoadlinePipeline', 'LoadlineTarget', 'LoadlineOutcome'] as const;

// Temporal's IndexedValueType.
const keyword = 2;

/** Which of our search attributes a namespace lacks, and which it has with another type. */
export interface SearchAttributeState {
  readonly missing: readonly string[];
  readonly mistyped: readonly string[];
}

/** Looks at the search attributes of a namespace. */
export async function searchAttributeState(connection: Connection, namespace: string): Promise<SearchAttributeState> {
  const { customAttributes } = await connection.operatorService.listSearchAttributes({ namespace });
  const missing = searchAttributeNames.filter((name) => customAttributes?.[name] === undefined);
  const mistyped = searchAttributeNames.filter((name) => ![undefined, keyword].includes(customAttributes?.[name]));
  return { missing, mistyped };
}

/** Registers search attributes in the namespace. */
export async function addSearchAttributes(connection: Connection, namespace: string, names: readonly string[]): Promise<void> {
  if (names.length === 0) return;
  const searchAttributes = Object.fromEntries(names.map((name) => [name, keyword]));
  await connection.operatorService.addSearchAttributes({ namespace, searchAttributes });
}
