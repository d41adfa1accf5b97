import { checksOf, isRowCheck, verdictOf, type Check, type RowCheck, type Verdict } from '../../workflows/checks';
import type { TableContract } from '../../workflows/table-contract';
import type { Duck } from '../sources/duck';
import { batchVerdict, conflictVerdict } from './batch-verdicts';
import { checkIds, type CheckOptions, type CheckReport, type FileVerdict, type SkippedCheck } from './check-report';
import { goodRows } from './duplicates';
import type { OpenBatch } from './open-batch';
import type { ReadFile } from './read-rows';
import { rowCondition } from './row-conditions';
import { typeVerdicts } from './type-verdicts';

/** More rows than a file has. */
export const fileStep = 2 ** 40;

/** Rows that a load sets aside, and rows without a key, which it refuses. */
const setAside = (conditions: ReadonlyMap<Check, string>): string[] =>
  [...conditions].flatMap(([{ severity, kind }, broken]) =>
    severity === 'quarantine' || kind === 'key' ? [broken] : [],
  );

/** The checks of a contract on the table `batch`. */
export class Checking {
  readonly #skipped: SkippedCheck[] = [];

  constructor(
    private readonly duck: Duck,
    private readonly contract: TableContract,
    private readonly options: CheckOptions,
    private readonly batch: OpenBatch,
    private readonly read: readonly ReadFile[],
  ) {}

  async report(): Promise<CheckReport> {
    const rows = Number((await this.one(`SELECT count(*)::DOUBLE FROM batch`))[0]);
    const types = await typeVerdicts(this.contract, rows, (sql) => this.one(sql));
    const checks = checksOf(this.contract).filter((check) => !this.#isLeftOut(check));
    const conditions = await this.#conditions(checks.filter(isRowCheck));
    const counted = await this.#count(conditions, rows);
    const { at = new Date() } = this.options;
    const ask = {
      contract: this.contract,
      good: goodRows(setAside(conditions)),
      rows,
      at,
      one: (sql: string) => this.one(sql),
    };
    const conflict = await conflictVerdict(ask);
    const verdicts = [
      ...types.map(({ place, ...type }) => this.#placed(type, place)),
      ...(conflict ? [conflict] : []),
    ].filter((verdict) => !this.#isLeftOut(verdict));
    for (const check of checks) {
      const found = counted.get(check) ?? (check.scope === 'batch' ? await batchVerdict(check, ask) : undefined);
      if (found === undefined) continue;
      if ('why' in found) this.#skip(check, found.why);
      else verdicts.push(found);
    }
    const order = checkIds(this.contract);
    const skipped = this.#skipped.sort((a, b) => order.indexOf(a.id) - order.indexOf(b.id));
    return { rows, files: await this.#files(), verdicts, skipped };
  }

  #isLeftOut(check: Pick<Check | Verdict, 'id' | 'kind'>): boolean {
    if (!this.options.skip?.includes(check.id)) return false;
    this.#skip(check, 'left out by --skip');
    return true;
  }

  #skip(check: Pick<Check | Verdict, 'id' | 'kind'> & { readonly column?: string }, why: string): void {
    const { id, kind, column } = check;
    this.#skipped.push({ id, kind, ...(column === undefined ? {} : { column }), why });
  }

  /** The conditions that can be asked, each tried alone where it is the user's own SQL. */
  async #conditions(checks: readonly RowCheck[]): Promise<Map<Check, string>> {
    const conditions = new Map<Check, string>();
    for (const check of checks) {
      const condition = rowCondition(check, this.contract);
      if ('skipped' in condition) this.#skip(check, condition.skipped);
      else if (check.kind === 'sql' && !(await this.#works(condition.broken)))
        this.#skip(check, 'DuckDB cannot tell it of these rows: needs the warehouse');
      else conditions.set(check, condition.broken);
    }
    return conditions;
  }

  async #works(condition: string): Promise<boolean> {
    return this.one(`SELECT count(*) FROM batch WHERE ${condition}`).then(
      () => true,
      () => false,
    );
  }

  /** All checks of rows in one scan. */
  async #count(conditions: ReadonlyMap<Check, string>, rows: number): Promise<Map<Check, FileVerdict>> {
    const entries = [...conditions];
    const asked = entries.flatMap(([, broken]) => [
      `count(*) FILTER (WHERE ${broken})::DOUBLE`,
      `(min(place) FILTER (WHERE ${broken}))::DOUBLE`,
    ]);
    const found = asked.length > 0 ? await this.one(`SELECT ${asked.join(', ')} FROM batch`) : [];
    return new Map(
      entries.map(([check], index) => {
        const [broken, place] = [Number(found[2 * index]), found[2 * index + 1] as number | null];
        return [check, this.#placed(verdictOf(check, broken, rows), place)];
      }),
    );
  }

  #placed(verdict: FileVerdict, place: number | null): FileVerdict {
    if (place === null || verdict.verdict === 'pass') return verdict;
    const { file, numbered, lineOf } = this.read[Math.floor(place / fileStep)]!;
    const counted = numbered === 'lines' || this.batch.manifest.format === 'ndjson' ? 'line' : 'row';
    return { ...verdict, first: { file: this.#name(file.path), line: lineOf(place % fileStep), counted } };
  }

  #name(path: string): string {
    return this.batch.named.get(path) ?? path;
  }

  async #files(): Promise<{ path: string; rows: number }[]> {
    const found = await this.duck.connection.runAndReadAll(
      `SELECT (place // ${fileStep})::DOUBLE AS file, count(*)::DOUBLE FROM batch GROUP BY file`,
    );
    const counts = new Map(found.getRows().map(([file, rows]) => [Number(file), Number(rows)]));
    return this.read.map(({ file }, index) => ({ path: this.#name(file.path), rows: counts.get(index) ?? 0 }));
  }

  private async one(sql: string): Promise<readonly unknown[]> {
    return (await this.duck.connection.runAndReadAll(sql)).getRows()[0] ?? [];
  }
}
