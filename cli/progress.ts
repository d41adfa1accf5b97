import { Presets, SingleBar } from 'cli-progress';
import { bytes, count } from './format';
import { paint, type Terminal } from './terminal';
import type { StepProgress } from '../activities/warehouses/warehouse';

/** How far a running load is, as far as its activity told. */
export interface LoadSituation extends StepProgress {
  /** From the second one on something went wrong before. */
  readonly attempt: number;
  /** Why the last attempt failed. */
  readonly trouble?: string;
}

/** Shows how far a load is. */
export interface ProgressView {
  show(situation: LoadSituation): void;
  stop(): void;
}

/** A bar where a person watches, plain lines elsewhere, nothing with `--json`. */
export function progressView(terminal: Terminal): ProgressView {
  if (terminal.json) return { show: () => undefined, stop: () => undefined };
  const view = terminal.interactive ? barView() : lineView(terminal);
  return withTroubles(view, terminal);
}

/** A situation in words: `stage  1,200,000 rows  120.0 MB of 300.0 MB`. */
export function situationText({ step, rows, bytes: done, totalBytes, detail }: StepProgress): string {
  const size =
    done === undefined ? undefined : totalBytes === undefined ? bytes(done) : `${bytes(done)} of ${bytes(totalBytes)}`;
  return [step.padEnd(7), rows === undefined ? undefined : `${count(rows)} rows`, size, detail]
    .filter(Boolean)
    .join('  ');
}

function withTroubles(view: ProgressView, terminal: Terminal): ProgressView {
  let told = 1;
  return {
    ...view,
    show: (situation) => {
      if (situation.attempt > told && situation.trouble !== undefined) {
        told = situation.attempt;
        view.stop();
        terminal.note(
          `${paint.yellow('!')} ${situation.step} is tried again (attempt ${situation.attempt}): ${situation.trouble}`,
        );
      }
      view.show(situation);
    },
  };
}

function barView(): ProgressView {
  let bar: SingleBar | undefined;
  return {
    show: (situation) => {
      const { bytes: done = 0, totalBytes = 0 } = situation;
      bar ??= startBar();
      bar.setTotal(Math.max(totalBytes, 1));
      bar.update(Math.min(done, totalBytes), { text: situationText(situation) });
    },
    stop: () => {
      bar?.stop();
      bar = undefined;
    },
  };
}

function startBar(): SingleBar {
  const options = { format: '{bar}  {text}', barsize: 24, clearOnComplete: true, hideCursor: true, linewrap: false };
  const bar = new SingleBar({ ...options, stream: process.stderr }, Presets.shades_classic);
  bar.start(1, 0, { text: '' });
  return bar;
}

const betweenLinesMs = 10_000;

function lineView(terminal: Terminal): ProgressView {
  let last = { step: '', at: 0 };
  return {
    show: (situation) => {
      const now = Date.now();
      if (situation.step === last.step && now - last.at < betweenLinesMs) return;
      last = { step: situation.step, at: now };
      terminal.note(situationText(situation));
    },
    stop: () => undefined,
  };
}
