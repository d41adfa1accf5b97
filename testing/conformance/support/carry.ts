import { loadErrorOf, isLoadError } from '../../../workflows/load-error';
import type { AuditedStage, BatchRef, LoadReceipt, LoadRequest, OpenLoad } from '../../../workflows/contract';
import { expectBalanced } from './expect';
import type { Run } from './run';

/** The results of steps by their name, as Temporal's history keeps them: a step that is in it is not made again. */
export interface Journal {
  readonly steps: Record<string, unknown>;
  /** Called when a step begins that is not known yet. */
  begin?(name: string): void;
  /** Called when a step has ended. */
  save(): void;
}

const maxRounds = 5;
const emptyJournal = (): Journal => ({ steps: {}, save: () => undefined });

/** Carries out a load as the workflow does: back to `stage` where the stage is lost, back to `extract` where files overlap. */
export async function carry(
  run: Run,
  requests: LoadRequest | readonly LoadRequest[],
  journal: Journal = emptyJournal(),
): Promise<LoadReceipt> {
  const asked = Array.isArray(requests) ? (requests as readonly LoadRequest[]) : [requests as LoadRequest];
  const opened = await step(journal, 'open', () => run.openOrReceipt(asked));
  if ('receipt' in opened) return expectBalanced(opened.receipt);
  const { open } = opened;
  for (let round = 1; ; round++) {
    const known: BatchRef[] = [];
    try {
      return expectBalanced(await attempt(run, open, journal, known));
    } catch (error) {
      const again = (['StageLost', 'SourceOverlap'] as const).find((code) => isLoadError(error, code));
      if (!again || round >= maxRounds) return await concludeFailed(run, open, known, error);
      forget(journal, again === 'StageLost' ? ['stage', 'audit'] : ['extract', 'stage', 'audit']);
    }
  }
}

async function attempt(run: Run, open: OpenLoad, journal: Journal, batches: BatchRef[]): Promise<LoadReceipt> {
  for (const index of open.targets.keys()) {
    const extracted = await step(journal, `extract ${index}`, () => run.extract(open, index));
    if ('receipt' in extracted) return extracted.receipt;
    batches.push(extracted.batch);
  }
  const stages: AuditedStage[] = [];
  for (const [index, batch] of batches.entries()) {
    const staged = await step(journal, `stage ${index}`, () => run.stage(open, batch, index));
    stages.push(await step(journal, `audit ${index}`, () => run.audit(open, staged)));
  }
  return step(journal, 'publish', () => run.publish({ open, stages }));
}

/** A load does not fail while the ledger says that it is applied. */
async function concludeFailed(run: Run, open: OpenLoad, batches: readonly BatchRef[], error: unknown) {
  await run.discard(open);
  const receipt = await run.settle({ open, batches });
  if (receipt) return expectBalanced(receipt);
  throw loadErrorOf(error) ?? error;
}

async function step<T>({ steps, begin, save }: Journal, name: string, work: () => Promise<T>): Promise<T> {
  if (!(name in steps)) {
    begin?.(name);
    steps[name] = await work();
    save();
  }
  return steps[name] as T;
}

function forget({ steps }: Journal, names: readonly string[]): void {
  for (const name of Object.keys(steps)) if (names.includes(name.split(' ')[0]!)) delete steps[name];
}
