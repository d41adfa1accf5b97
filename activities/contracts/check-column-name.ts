import { didYouMean } from './did-you-mean';
import { show, type Refusal } from './zod-issue';
import type { ContractShape } from './contract-schema';

/** Refuses a name that is no column of the contract; `null` when it is one. */
export function checkColumnName(
  path: readonly PropertyKey[],
  name: string,
  columns: ContractShape['columns'],
): Refusal[] | null {
  if (Object.hasOwn(columns, name)) return null;
  return [
    {
      path,
      name: false,
      expected: 'the name of a column of this contract',
      got: show(name),
      remedy: didYouMean(name, Object.keys(columns)),
    },
  ];
}
