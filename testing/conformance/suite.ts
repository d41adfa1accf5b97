import type { WarehouseCapabilities, WarehouseFeature } from '../../activities/warehouses/warehouse';
import type { Guarantee } from './guarantees';
import type { ConformanceOptions, TestRunner } from './harness';
import type { Matrix } from './matrix';
import type { Ground } from './support/ground';

const usualTimeoutMs = 60_000;

/** Registers the tests of all areas with a runner, and keeps what becomes of them. */
export class Suite {
  #ground: Ground | undefined;
  readonly timeoutMs: number;

  constructor(
    readonly capabilities: WarehouseCapabilities,
    readonly options: ConformanceOptions,
    readonly runner: TestRunner,
    private readonly matrix: Matrix,
  ) {
    this.timeoutMs = options.timeoutMs ?? usualTimeoutMs;
  }

  set ground(ground: Ground) {
    this.#ground = ground;
  }

  /** Why one of these features is not there; `undefined` where all are. */
  lacking(needs: readonly WarehouseFeature[]): string | undefined {
    const { without = {} } = this.capabilities;
    return needs.map((need) => without[need]).find((why) => why !== undefined);
  }

  /** What a column of this type of a contract needs: the type, and as many digits. */
  needsOf(type: string): WarehouseFeature[] {
    return [`type ${type}`, `type ${type.replace(/\(.*/, '')}`];
  }

  /** A test of a guarantee, which needs these features. */
  test(
    guarantee: Guarantee,
    title: string,
    body: (ground: Ground) => Promise<void>,
    needs: readonly WarehouseFeature[] = [],
  ): void {
    const why = this.lacking(needs);
    this.matrix.set(guarantee, { title, outcome: 'not run', ...(why !== undefined && { why }) });
    if (why !== undefined) {
      this.runner.skip(`${title}: n/a (${why})`, async () => undefined);
      return;
    }
    const run = async (): Promise<void> => {
      this.matrix.set(guarantee, { title, outcome: 'failed' });
      if (!this.#ground) throw new Error('The harness was not opened.');
      await body(this.#ground).finally(() => this.#ground?.gates.forget());
      this.matrix.set(guarantee, { title, outcome: 'passed' });
    };
    this.runner.test(title, run, this.timeoutMs);
  }

  /** Tests that belong together. */
  area(title: string, body: () => void): void {
    this.runner.describe(title, body);
  }
}

/** The functions that a test runner has put into the global scope. */
export function globalRunner(): TestRunner {
  const found = globalThis as unknown as Partial<TestRunner> & { test?: { skip?: TestRunner['skip'] } };
  const { describe, test, beforeAll, afterAll } = found;
  const skip = found.test?.skip;
  if (!describe || !test || !skip || !beforeAll || !afterAll) {
    throw new Error(
      'There is no global describe, test, test.skip, beforeAll or afterAll: run this under jest, or say `runner`.',
    );
  }
  return { describe, test, skip, beforeAll, afterAll };
}
