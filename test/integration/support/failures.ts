import { loadErrorOf, type LoadFailure } from '../../../workflows/load-error';

/** The Loadline failure that a load ends with. */
export async function failureOf(work: Promise<unknown>): Promise<LoadFailure> {
  let outcome: unknown;
  try {
    outcome = await work;
  } catch (error) {
    const failure = loadErrorOf(error);
    if (failure) return failure;
    throw error;
  }
  throw new Error(`nothing failed: ${JSON.stringify(outcome)}`);
}

/** The code that a load fails with. */
export async function codeOf(work: Promise<unknown>): Promise<string> {
  return (await failureOf(work)).type;
}
