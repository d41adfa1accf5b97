import { batchText, count, plural, rate } from './format';
import type { AuditedStage, BatchRef, LoadReceipt, OpenLoad, StageRef, StageRefFields } from '../workflows/contract';

/** A step that has ended well, with what went in and what came out. */
export interface DoneStep {
  readonly name: string;
  readonly elapsedMs: number;
  readonly input: unknown;
  readonly result: unknown;
  /** The load keys of this run so far; from the second one on, steps name their table. */
  readonly loads: Set<string>;
}

type Result = Partial<Pick<StageRefFields, 'rows'> & Pick<LoadReceipt, 'outcome'>> & {
  readonly open?: OpenLoad;
  readonly receipt?: LoadReceipt | null;
  readonly batch?: BatchRef;
};

/** What a step found or did, in a few words. Nothing for what is not Loadline's, or cannot be read. */
export function stepDetail(step: DoneStep): string | undefined {
  const { name, elapsedMs, result: given, loads } = step;
  if (typeof given !== 'object' || given === null) return undefined;
  const result = given as Result;
  switch (name) {
    case 'open':
      if (result.open) loads.add(result.open.loadKey);
      return result.open ? openText(result.open) : 'loaded before';
    case 'extract':
      return result.receipt ? 'loaded before' : result.batch && batchText(result.batch);
    case 'stage':
      return result.rows === undefined ? undefined : stageText(result.rows, elapsedMs) + tableText(step);
    case 'audit':
      return auditText(given as AuditedStage) + tableText(step);
    case 'publish':
      return result.outcome?.replaceAll('-', ' ');
    case 'settle':
      return result.receipt ? 'the ledger has it' : 'the ledger does not have it';
    default:
      return undefined;
  }
}

function openText({ targets, interval, generation }: OpenLoad): string {
  const when = interval && `${date(interval.start)}..${date(interval.end)}`;
  const again = generation > 1 ? `generation ${generation}` : undefined;
  return [targets.map(({ target }) => target).join(', '), when, again].filter(Boolean).join(', ');
}

/** A midnight is its day. */
const date = (iso: string): string => iso.replace(/T00:00:00(\.0+)?Z$/, '');

function stageText(rows: number, elapsedMs: number): string {
  return plural(rows, 'row') + (rows >= 1000 && elapsedMs > 0 ? `, ${rate(rows, elapsedMs)} rows/s` : '');
}

function auditText({ audited, quarantined, duplicates, held }: AuditedStage): string {
  if (held) return `held: ${held.checks.map(({ id }) => id).join(', ')}`;
  const good = `${plural(audited - quarantined, 'row')} passed`;
  const repeated = duplicates > 0 ? plural(duplicates, 'duplicate') : undefined;
  return [good, quarantined > 0 ? `${count(quarantined)} quarantined` : undefined, repeated].filter(Boolean).join(', ');
}

function tableText({ input, loads }: DoneStep): string {
  const { open, index, stage } = (input ?? {}) as { open?: OpenLoad; index?: number; stage?: StageRef };
  const target = open?.targets[stage?.index ?? index ?? 0];
  return target && (loads.size > 1 || open.targets.length > 1) ? `, ${target.target}` : '';
}
