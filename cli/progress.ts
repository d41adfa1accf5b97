import { SingleBar } from 'cli-progress';
import { elapsed } from './format';
import { paceOf, progressLine, progressText, type Pace } from './progress-line';
import { hang, paint, type Terminal } from './terminal';
import type { EndedStep } from './step-log';
import type { StepProgress } from '../activities/warehouses/warehouse';

/** How far a running load is, as far as its activity told. */
export interface LoadSituation extends StepProgress {
  /** When the attempt began, in milliseconds. */
  readonly since: number;
  /** From the second one on something went wrong before. */
  readonly attempt: number;
  /** Why the last attempt failed. */
  readonly trouble?: string;
}

/** Shows how far a load is. */
export interface ProgressView {
  show(situation: LoadSituation): void;
  /** A step has ended: a line that stays. */
  ended(step: EndedStep): void;
  stop(): void;
}

/** A bar where a person watches, plain lines elsewhere, nothing with `--json`. */
export function progressView(terminal: Terminal): ProgressView {
  if (terminal.json) return { show: () => undefined, ended: () => undefined, stop: () => undefined };
  const live = terminal.interactive ? bar(terminal) : lines(terminal);
  let told = 1;
  let pace: Pace | undefined;
  return {
    stop: () => live.stop(),
    ended: (step) => {
      live.stop();
      told = 1;
      pace = undefined;
      terminal.note(endedText(step, terminal.columns));
    },
    show: (situation) => {
      if (situation.attempt > told && situation.trouble !== undefined) {
        told = situation.attempt;
        live.stop();
        terminal.note(troubleText(situation, terminal.columns));
      }
      pace = paceOf(situation, pace);
      live.show(situation, pace);
    },
  };
}

/** A step that has ended, such as `✓ stage     12.3 s  1,234,567 rows, 100,005 rows/s`. */
export function endedText({ name, elapsedMs, failure, detail = '' }: EndedStep, columns = Infinity): string {
  const mark = failure === undefined ? paint.green('✓') : paint.red('✗');
  const tail = failure === undefined ? paint.dim(detail) : paint.red(failure);
  const head = `${mark} ${name.padEnd(7)}  ${paint.dim(elapsed(elapsedMs).padStart(9))}  `;
  return failure === undefined && detail === '' ? head.trimEnd() : hang(head, tail, columns);
}

function troubleText({ step, attempt, trouble }: LoadSituation, columns: number): string {
  return hang(`${paint.yellow('!')} `, `${step} is tried again (attempt ${attempt}): ${trouble}`, columns);
}

interface Live {
  show(situation: LoadSituation, pace: Pace): void;
  stop(): void;
}

function bar(terminal: Terminal): Live {
  let running: SingleBar | undefined;
  let latest: { situation: LoadSituation; pace: Pace };
  const format = (): string => {
    const { situation, pace } = latest;
    return terminal.tinted(progressLine(situation, pace, terminal.columns - 1, Date.now()));
  };
  return {
    show: (situation, pace) => {
      latest = { situation, pace };
      if (running) return;
      running = new SingleBar({ format, clearOnComplete: true, hideCursor: true, linewrap: false, fps: 8 });
      running.start(1, 0);
    },
    stop: () => {
      running?.stop();
      running = undefined;
    },
  };
}

const betweenLinesMs = 10_000;

function lines(terminal: Terminal): Live {
  let last = { step: '', at: Date.now() };
  return {
    show: (situation, pace) => {
      const now = Date.now();
      // A step that is soon over has its own line in the end.
      if (situation.step !== last.step) last = { step: situation.step, at: now };
      if (now - last.at < betweenLinesMs) return;
      last.at = now;
      terminal.note(`  ${progressText(situation, pace)}`);
    },
    stop: () => undefined,
  };
}
