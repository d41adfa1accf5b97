import { AsyncLocalStorage } from 'node:async_hooks';
import type { ProtocolPoint } from '../../../activities/warehouses/warehouse';
import type { Passing, WarehouseHarness } from '../harness';

/** A point at which an attempt waits until it is let through. */
export interface Gate {
  /** Resolves when the attempt has arrived. */
  readonly reached: Promise<void>;
  open(): void;
}

/** An attempt that waits at a point, or has ended before it. */
export interface Held<T> extends Pick<Gate, 'open'> {
  readonly ending: Promise<T>;
}

interface Watch extends Passing {
  readonly attempt: string;
  hit(): void | Promise<void>;
}

/** Stops attempts between their statements, which the harness tells of. */
export class Gates {
  readonly #attempts = new AsyncLocalStorage<string>();
  readonly #watches: Watch[] = [];
  readonly #open: (() => void)[] = [];
  readonly #stopWatching: () => void;

  constructor(harness: Pick<WarehouseHarness, 'watch'>) {
    this.#stopWatching = harness.watch((passing) => this.#pass(passing));
  }

  /** Runs work as a named attempt. Its failure is for whoever awaits it, however late. */
  as<T>(attempt: string, work: () => Promise<T>): Promise<T> {
    const running = this.#attempts.run(attempt, work);
    running.catch(() => undefined);
    return running;
  }

  /** Holds a named attempt at its next statement of this kind. */
  stop(attempt: string, moment: Passing['moment'], point: ProtocolPoint): Gate {
    let [arrive, letThrough] = [(): void => undefined, (): void => undefined];
    const reached = new Promise<void>((resolve) => (arrive = resolve));
    const opened = new Promise<void>((resolve) => (letThrough = resolve));
    this.#open.push(() => letThrough());
    const hit = (): Promise<void> => {
      arrive();
      return opened;
    };
    this.#watches.push({ attempt, moment, point, hit });
    return { reached, open: () => letThrough() };
  }

  /** Runs work as a named attempt, until it has done its next statement of this kind or has ended without. */
  async hold<T>(attempt: string, point: ProtocolPoint, work: () => Promise<T>): Promise<Held<T>> {
    const { reached, open } = this.stop(attempt, 'after', point);
    const ending = this.as(attempt, work);
    await Promise.race([reached, ending]);
    return { ending, open };
  }

  /** Lets a statement of a named attempt happen, and its answer be lost. */
  loseAnswer(attempt: string, point: ProtocolPoint): void {
    const error = Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET', syscall: 'read' });
    this.#throw(attempt, 'after', point, error);
  }

  /** Fails a statement of a named attempt in the place of sending it. */
  fail(attempt: string, point: ProtocolPoint): void {
    this.#throw(attempt, 'before', point, new Error('the statement failed'));
  }

  /** Ends this process, as kill -9 does, at the next statement of this kind of a named attempt. */
  kill(attempt: string, moment: Passing['moment'], point: ProtocolPoint): void {
    this.#watches.push({ attempt, moment, point, hit: () => void process.kill(process.pid, 'SIGKILL') });
  }

  /** Lets through whoever still waits, so that a test that failed does not hold up the next. */
  forget(): void {
    this.#watches.splice(0);
    for (const open of this.#open.splice(0)) open();
  }

  close(): void {
    this.forget();
    this.#stopWatching();
  }

  #throw(attempt: string, moment: Passing['moment'], point: ProtocolPoint, error: Error): void {
    const hit = (): void => {
      throw error;
    };
    this.#watches.push({ attempt, moment, point, hit });
  }

  async #pass({ point, moment }: Passing): Promise<void> {
    const attempt = this.#attempts.getStore();
    if (attempt === undefined) return;
    const at = this.#watches.findIndex((w) => w.attempt === attempt && w.point === point && w.moment === moment);
    if (at >= 0) await this.#watches.splice(at, 1)[0]!.hit();
  }
}
