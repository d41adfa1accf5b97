import { elapsed } from './format';
import { FailedElsewhere, renderError, type ErrorFacts } from './print-error';
import { shortPath } from '../workers/config/short-path';
import { paint } from './terminal';
import type { PreparedWorker } from './dev-messages';
import type { WorkerProcess } from './worker-process';

/** What {@link startHotWorker} works with. */
export interface HotWorkerOptions {
  start(): WorkerProcess;
  /** Called for the first worker and for each that takes its place. */
  replaced(prepared: PreparedWorker): void;
  note(text: string): void;
}

/** A worker that is replaced when its files change. */
export interface HotWorker {
  /** Starts another worker; it takes the place of this one if it can be made. */
  restart(files: readonly string[]): void;
  /** Ends every worker; steps under way are let end. */
  stop(): Promise<void>;
}

/** Starts a worker. @throws what kept it from starting */
export async function startHotWorker(options: HotWorkerOptions, stopping: () => boolean): Promise<HotWorker> {
  const first = options.start();
  const prepared = await first.prepared;
  if (!isPrepared(prepared)) throw new FailedElsewhere(await whyNot(first, prepared));
  const hot = new Hot(options, first, prepared.servers);
  if (stopping()) return hot;
  await first.run();
  options.replaced(prepared);
  return hot;
}

class Hot implements HotWorker {
  private readonly ending = new Set<Promise<void>>();
  private changed: string[] = [];
  private candidate: WorkerProcess | undefined;
  private working: Promise<void> | undefined;
  private stopped = false;
  private lastError = '';

  constructor(
    private readonly options: HotWorkerOptions,
    private current: WorkerProcess,
    private readonly servers: string,
  ) {
    this.watchEnd(current);
  }

  restart(files: readonly string[]): void {
    if (this.stopped) return;
    this.changed.push(...files);
    // What it has read is out of date already.
    void this.candidate?.kill();
    this.working ??= this.work().finally(() => (this.working = undefined));
  }

  async stop(): Promise<void> {
    this.stopped = true;
    void this.candidate?.kill();
    await Promise.all([this.working, this.current.stop()]);
    await Promise.all(this.ending);
  }

  private async work(): Promise<void> {
    while (this.changed.length > 0 && !this.stopped) {
      const begun = Date.now();
      const files = [...new Set(this.changed)];
      const seen = this.changed.length;
      const candidate = (this.candidate = this.options.start());
      const prepared = await candidate.prepared;
      this.candidate = undefined;
      const outdated = this.stopped || this.changed.length > seen;
      if (outdated) {
        await candidate.kill();
        continue;
      }
      this.changed = [];
      if (isPrepared(prepared)) await this.replace(candidate, prepared, files, begun);
      else this.tellFailure(await whyNot(candidate, prepared), files);
    }
  }

  private async replace(next: WorkerProcess, prepared: PreparedWorker, files: string[], begun: number): Promise<void> {
    const old = this.current;
    this.current = next;
    this.lastError = '';
    // The new one polls before the old one stops, so that nothing waits.
    await next.run();
    this.watchEnd(next);
    const ending = old.stop().finally(() => this.ending.delete(ending));
    this.ending.add(ending);
    this.options.replaced(prepared);
    this.options.note(`${paint.green('✓')} restarted: ${nameFiles(files)} changed (${elapsed(Date.now() - begun)})`);
    if (prepared.servers !== this.servers)
      this.options.note(`${paint.yellow('!')} state and temporal take effect when \`loadline dev\` is started again.`);
  }

  private tellFailure(facts: ErrorFacts, files: string[]): void {
    const text = renderError(facts);
    const keeps = paint.dim('The worker from before this change keeps running.');
    if (text === this.lastError) this.options.note(`${nameFiles(files)} changed; the error is still there. ${keeps}`);
    else this.options.note(`${text}\n${keeps}`);
    this.lastError = text;
  }

  private watchEnd(worker: WorkerProcess): void {
    void worker.ended.then((why) => {
      if (this.stopped || worker !== this.current) return;
      const facts = why ?? {
        code: 'Unexpected',
        what: 'The worker has ended.',
        remedy: 'Save a file to start it again.',
      };
      this.options.note(renderError(facts));
    });
  }
}

const isPrepared = (answer: Awaited<WorkerProcess['prepared']>): answer is PreparedWorker =>
  typeof answer === 'object' && 'roots' in answer;

async function whyNot(worker: WorkerProcess, answer: Awaited<WorkerProcess['prepared']>): Promise<ErrorFacts> {
  if (typeof answer === 'object' && 'failed' in answer) return answer.failed;
  const why = await worker.ended;
  return (
    why ?? {
      code: 'Unexpected',
      what: 'The worker has ended before it was ready.',
      remedy: 'Save a file to try again.',
    }
  );
}

function nameFiles(files: readonly string[]): string {
  const [first = '', ...others] = files.map((file) => shortPath(file));
  return others.length === 0
    ? first
    : `${first} and ${others.length === 1 ? others[0] : `${others.length} other files`}`;
}
