/** A request to stop, by Ctrl-C or SIGTERM. */
export interface StopSignal {
  /** Resolves at the first signal. */
  readonly asked: Promise<void>;
  readonly isAsked: () => boolean;
  forget(): void;
}

/** Listens for the request to stop. A second Ctrl-C does not wait for anything. */
export function stopSignal(note: (text: string) => void): StopSignal {
  let signals = 0;
  let resolve: () => void = () => undefined;
  const asked = new Promise<void>((done) => (resolve = done));
  const heard = (): void => {
    signals += 1;
    if (signals > 1) process.exit(130);
    note('Stopping; once more to stop at once.');
    resolve();
  };
  process.on('SIGINT', heard).on('SIGTERM', heard);
  const forget = (): void => void process.removeListener('SIGINT', heard).removeListener('SIGTERM', heard);
  return { asked, isAsked: () => signals > 0, forget };
}
