/** The command was called in a way that makes no sense. Exits with 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError';

  constructor(
    message: string,
    /** What to do. */
    readonly remedy: string,
  ) {
    super(message);
  }
}
