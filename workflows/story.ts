import { defineQuery, setCurrentDetails, setHandler, upsertSearchAttributes, workflowInfo } from '@temporalio/workflow';
import { outcomeKey, pipelineKey, targetKey } from './search-attributes';
import { code, endText, failedLines, failureText, heldText, tableLine } from './story-text';
import type { HeldLoad, LoadReceipt, OpenLoad, OpenLoadResult } from './contract';

/** How far a load of this workflow is. */
export interface LoadProgress {
  readonly loadKey: string;
  readonly targets: readonly string[];
  readonly step: 'extract' | 'stage' | 'audit' | 'held' | 'publish' | 'settle' | 'done' | 'failed';
  readonly detail: string;
  readonly outcome?: LoadReceipt['outcome'];
}

/** Asks a workflow how far its loads are: `temporal workflow query --type loadProgress`. */
export const loadProgress = defineQuery<readonly LoadProgress[]>('loadProgress');

/** What the Temporal UI shows of a load. */
interface Chapter {
  readonly progress: LoadProgress;
  /** What there is to say, as Markdown. */
  readonly text: string;
}

// Module state is one run's own: the sandbox gives every run its own modules.
const chapters = new Map<string, Chapter>();
const indexed = new Set<string>();
let answering = false;

/** Notes which step a load is in, for the query and for the details that the Temporal UI shows. */
export function tellStep(open: OpenLoad, step: LoadProgress['step'], detail: string): void {
  tell({ loadKey: open.loadKey, targets: open.targets.map((t) => t.target), step, detail });
}

/** Notes that a load waits for a verdict: why, and how one is sent. */
export function tellHeld(held: HeldLoad): void {
  const targets = held.failed.map(({ table }) => table);
  const detail = failedLines(held.failed).join('; ');
  tell({ loadKey: held.loadKey, targets, step: 'held', detail }, heldText(held, workflowInfo().workflowId));
}

/** Notes how a load ended. */
export function tellEnd(receipt: LoadReceipt): void {
  const { loadKey, outcome, tables } = receipt;
  const targets = tables.map((t) => t.table);
  const detail = tables.map((t) => tableLine(t, targets.length > 1)).join('; ');
  tell({ loadKey, targets, step: 'done', detail, outcome }, endText(receipt));
}

/** Notes that a load failed, without the values of any row: code, sentence and remedy. */
export function tellFailure(open: OpenLoad, failure: string, sentence = ''): void {
  const targets = open.targets.map((t) => t.target);
  const detail = [failure, sentence].filter(Boolean).join(': ');
  tell({ loadKey: open.loadKey, targets, step: 'failed', detail }, failureText(failure, sentence));
}

function tell(progress: LoadProgress, text = progress.detail): void {
  chapters.set(progress.loadKey, { progress, text });
  if (!answering) {
    const answer = (): LoadProgress[] => [...chapters.values()].map(({ progress }) => progress);
    setHandler(loadProgress, answer, { description: 'How far each load of this run is' });
    answering = true;
  }
  setCurrentDetails([...chapters.values()].map(chapter).join('\n\n---\n\n'));
}

function chapter({ progress: { loadKey, targets, step, outcome }, text }: Chapter): string {
  const state = outcome?.replaceAll('-', ' ') ?? step;
  return `### ${marks[outcome ?? step] ?? '▸'} ${state}: ${targets.map(code).join(', ')}\n\n${text}\n\nLoad key ${code(loadKey)}`;
}

const marks: Readonly<Record<string, string>> = {
  loaded: '✓',
  'already-loaded': '✓',
  'nothing-to-load': '✓',
  rejected: '✗',
  held: '⏸',
  failed: '✗',
};

/**
 * Names a load's pipeline and the targets of the run's loads to visibility. Upserting unregistered attributes would
 * block the run for ever.
 */
export function indexOpen(result: OpenLoadResult, pipeline: string, targets: readonly string[]): void {
  if (!result.searchAttributes) return;
  for (const target of targets) indexed.add(target);
  upsertSearchAttributes([
    { key: pipelineKey, value: pipeline },
    { key: targetKey, value: [...indexed] },
  ]);
}

/** Names the outcome of the run's load that ended last to visibility: that of its receipt, `failed` or `cancelled`. */
export function indexOutcome(result: OpenLoadResult, outcome: string): void {
  if (result.searchAttributes) upsertSearchAttributes([{ key: outcomeKey, value: outcome }]);
}
