import { Worker, type InjectedSinks, type ReplayResult } from '@temporalio/worker';
import type { DataConverter } from '@temporalio/common';
import { probeHeader, type ProbeMode, type ProbeSinks, type ToldCommand } from '../../workflows/replay-probe';
import type { ReplayBundle } from './bundle';
import type { History } from './history';

/** What came of replaying one history. */
export interface Replayed {
  /** Why it does not replay. */
  readonly error?: Error;
  /** The commands that the workflow code made, as far as the mode has them told. */
  readonly told: readonly ToldCommand[];
  /** In the mode `types`: which workflows the bundle has. */
  readonly types?: readonly string[];
}

/** Replays histories one after the other in one replay worker. */
export interface Replayer {
  replay(workflowId: string, history: History, mode: ProbeMode): Promise<Replayed>;
  close(): Promise<void>;
}

/** Makes a replayer. Its worker starts with the first history, and anew after one that broke it. */
export function openReplayer(bundle: ReplayBundle, dataConverter?: DataConverter): Replayer {
  let told: ToldCommand[] = [];
  let types: readonly string[] | undefined;
  let next: { workflowId: string; history: History } | undefined;
  let results: AsyncIterator<ReplayResult> | undefined;
  const sinks: InjectedSinks<ProbeSinks> = {
    loadlineReplay: {
      commands: { fn: (_, commands) => void told.push(...commands), callDuringReplay: true },
      types: { fn: (_, names) => void (types = names), callDuringReplay: true },
    },
  };
  // The worker asks for the next history when it is asked for the next result, so at most one waits.
  function* feed(): Generator<{ workflowId: string; history: History }> {
    for (let given = next; given; given = next) {
      next = undefined;
      yield given;
    }
  }
  const run = (): AsyncIterator<ReplayResult> =>
    Worker.runReplayHistories({ workflowBundle: bundle, sinks, ...(dataConverter && { dataConverter }) }, feed());
  return {
    async replay(workflowId, history, mode) {
      [told, types] = [[], undefined];
      next = { workflowId, history: withProbe(history, mode) };
      results ??= run();
      try {
        const result = await results.next();
        if (result.done) throw new Error('The replay worker ended.');
        const { error } = result.value;
        return { told, ...(types === undefined ? {} : { types }), ...(error && { error }) };
      } catch (error) {
        results = undefined;
        return { told, error: error instanceof Error ? error : new Error(String(error)) };
      }
    },
    async close() {
      next = undefined;
      await results?.return?.();
    },
  };
}

/** The same history, whose start has its commands told. */
function withProbe({ events }: History, mode: ProbeMode): History {
  const [first, ...rest] = events ?? [];
  const started = first?.workflowExecutionStartedEventAttributes;
  if (!started) return { events: events ?? [] };
  const header = { fields: { ...started.header?.fields, [probeHeader]: { metadata: {}, data: Buffer.from(mode) } } };
  return { events: [{ ...first, workflowExecutionStartedEventAttributes: { ...started, header } }, ...rest] };
}
