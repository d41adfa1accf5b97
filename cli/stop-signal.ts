/** A request to stop, by Ctrl-C or SIGTERM. */
export interface StopSignal {
  /** Resolves at the first signal. */
  readonly asked: Promise<void>;
  readonly isAsked: () => boolean;
  forget(): void;
}

const oneKeyPressMs = 500;

/** Listens for the request to stop. A second Ctrl-C does not wait for anything. */
export function stopSignal(note: (text: string) => void): StopSignal {
  let askedAt = Number.NaN;
  let resolve: () => void = () => undefined;
  const asked = new Promise<void>((done) => (resolve = done));
  const heard = (): void => {
    // Behind npx one Ctrl-C arrives twice: from the terminal, and passed on.
    if (Date.now() - askedAt < oneKeyPressMs) return;
    if (!Number.isNaN(askedAt)) process.exit(130);
    askedAt = Date.now();
    note('Stopping; once more to stop at once.');
    resolve();
  };
  process.on('SIGINT', heard).on('SIGTERM', heard);
  const forget = (): void => void process.removeListener('SIGINT', heard).removeListener('SIGTERM', heard);
  return { asked, isAsked: () => !Number.isNaN(askedAt), forget };
}
