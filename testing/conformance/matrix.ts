import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { WarehouseCapabilities } from '../../activities/warehouses/warehouse';
import { guarantees, type Guarantee } from './guarantees';

/** What became of one test. */
interface Outcome {
  readonly title: string;
  readonly outcome: 'passed' | 'failed' | 'not run';
  /** Why it does not apply, or cannot be shown. */
  readonly why?: string;
}

/** What the tests have shown, guarantee by guarantee. */
export class Matrix {
  readonly #outcomes = new Map<Guarantee, Map<string, Outcome>>();

  constructor(
    private readonly capabilities: WarehouseCapabilities,
    private readonly proof: WarehouseCapabilities['proof'],
  ) {}

  set(guarantee: Guarantee, outcome: Outcome): void {
    if (!this.#outcomes.has(guarantee)) this.#outcomes.set(guarantee, new Map());
    this.#outcomes.get(guarantee)!.set(outcome.title, outcome);
  }

  /** Markdown: a line for each guarantee, with what was shown and what was not. */
  toMarkdown(): string {
    const lines = Object.entries(guarantees).map(([name, words]) => [words, this.#cell(name as Guarantee)]);
    const header = ['guarantee', this.capabilities.name];
    const widths = [0, 1].map((i) => Math.max(...[header, ...lines].map((line) => line[i]!.length)));
    const row = (cells: readonly string[]): string => `| ${cells.map((c, i) => c.padEnd(widths[i]!)).join(' | ')} |`;
    return [row(header), row(widths.map((width) => '-'.repeat(width))), ...lines.map(row), ''].join('\n');
  }

  /** Prints the matrix, and writes it where it was asked for. */
  tell(file: string | undefined): void {
    process.stdout.write(`\n${this.toMarkdown()}\n`);
    if (file === undefined) return;
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, this.toMarkdown());
  }

  #cell(guarantee: Guarantee): string {
    const outcomes = [...(this.#outcomes.get(guarantee)?.values() ?? [])];
    const failed = outcomes.filter((o) => o.outcome === 'failed');
    if (failed.length > 0) return `**failed**: ${failed.length} of ${outcomes.length} tests`;
    const missing = [...new Set(outcomes.flatMap((o) => o.why ?? []))].map((why) => `n/a (${why})`);
    const shown = outcomes.filter((o) => o.outcome === 'passed').length;
    const open = outcomes.filter((o) => o.outcome === 'not run' && o.why === undefined).length;
    const proof = shown > 0 ? `${this.proof}, ${shown} ${shown === 1 ? 'test' : 'tests'}` : [];
    return [proof, missing, open > 0 ? `${open} not run` : []].flat().join('; ') || 'not run';
  }
}
