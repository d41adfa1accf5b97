import { defineQuery, setCurrentDetails, setHandler, upsertSearchAttributes } from '@temporalio/workflow';
import { outcomeKey, pipelineKey, targetKey } from './search-attributes';
import type { LoadReceipt, OpenLoad, OpenLoadResult } from './contract';

/** How far a load of this workflow is. */
export interface LoadProgress {
  readonly loadKey: string;
  readonly targets: readonly string[];
  readonly step: 'extract' | 'stage' | 'audit' | 'publish' | 'settle' | 'done' | 'failed';
  readonly detail: string;
  readonly outcome?: LoadReceipt['outcome'];
}

/** Asks a workflow how far its loads are: `temporal workflow query --type loadProgress`. */
export const loadProgress = defineQuery<readonly LoadProgress[]>('loadProgress');

// Module state is one run's own: the sandbox gives every run its own modules.
const chapters = new Map<string, LoadProgress>();
const indexed = new Set<string>();
let answering = false;

/** Notes which step a load is in, for the query and for the details that the Temporal UI shows. */
export function tellStep(open: OpenLoad, step: LoadProgress['step'], detail: string): void {
  tell({ loadKey: open.loadKey, targets: open.targets.map((t) => t.target), step, detail });
}

/** Notes how a load ended. */
export function tellEnd(receipt: LoadReceipt): void {
  const targets = receipt.tables.map((t) => t.table);
  const detail = receipt.tables.map((t) => tableLine(t, targets.length > 1)).join('; ');
  tell({ loadKey: receipt.loadKey, targets, step: 'done', detail, outcome: receipt.outcome });
}

/** Notes that a load failed, without the values of any row: code, sentence and remedy. */
export function tellFailure(open: OpenLoad, code: string, sentence = ''): void {
  tellStep(open, 'failed', [code, sentence].filter(Boolean).join(': '));
}

function tell(progress: LoadProgress): void {
  chapters.set(progress.loadKey, progress);
  if (!answering) {
    setHandler(loadProgress, () => [...chapters.values()], { description: 'How far each load of this run is' });
    answering = true;
  }
  setCurrentDetails([...chapters.values()].map(chapter).join('\n\n'));
}

function chapter({ loadKey, targets, step, detail, outcome }: LoadProgress): string {
  return `**${targets.join(', ')}** — ${outcome ?? step}\n\n${detail}\n\nload key \`${loadKey}\``;
}

function tableLine(t: LoadReceipt['tables'][number], named: boolean): string {
  const counts = (
    ['read', 'inserted', 'updated', 'unchanged', 'stale', 'duplicates', 'quarantined', 'deleted', 'removed'] as const
  )
    .filter((name) => name === 'read' || t[name] > 0)
    .map((name) => `${t[name]} ${name}`);
  return `${named ? `${t.table}: ` : ''}${counts.join(', ')}`;
}

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
