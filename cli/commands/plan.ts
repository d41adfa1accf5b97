import type { Command } from 'commander';
import { exitCodes } from '../exit-code';
import { bytes, plural } from '../format';
import { lazyRequest } from '../lazy';
import { addRequestOptions, type RequestOptions } from '../request-options';
import { sqlText } from '../sql-text';
import { fields, hang, paint } from '../terminal';
import type { LoadPlan } from '../../client';
import type { RunBody } from '../cli-context';

/** Declares `plan`. */
export function addPlan(program: Command, run: RunBody): void {
  const command = program.command('plan').description('show what a load would do, without doing it');
  addRequestOptions(command).action((options: RequestOptions) =>
    run(async (context) => {
      const request = lazyRequest().requestOf(options, await context.config());
      const plan = await (await context.client()).plan(request);
      context.terminal.result(plan, (columns) => renderPlan(plan, columns));
      return plan.outcome === 'would-refuse' ? exitCodes.failed : exitCodes.ok;
    }),
  );
}

const shownFiles = 5;

/** A plan as text: what would happen, of what, to what, by which statements. */
export function renderPlan(plan: LoadPlan, columns = Infinity): string {
  const { loadKey, outcome, reason, files, targets } = plan;
  const total = files.reduce((sum, file) => sum + file.bytes, 0);
  const first = files.slice(0, shownFiles).map((file) => `    ${file.path}  ${paint.dim(bytes(file.bytes))}`);
  const more = files.length > shownFiles ? [`    … and ${plural(files.length - shownFiles, 'other')}`] : [];
  const facts = fields([['load key', loadKey], ['files', `${plural(files.length, 'file')}, ${bytes(total)}`]], '  ', columns); // prettier-ignore
  const tables = targets.map(({ target, exists, mode, sql, hints }) =>
    [
      `  ${paint.bold(target)}  ${mode}${exists ? '' : ', would be created'}`,
      ...sql.map((statement) => indented(sqlText(statement, columns - 4))),
      ...hints.map((hint) => hang(`    ${paint.yellow('!')} `, hint, columns)),
    ].join('\n\n'),
  );
  const head = [hang(`${words[outcome]}  `, reason, columns), facts, ...first, ...more].join('\n');
  return [head, ...tables].join('\n\n');
}

const indented = (text: string): string => text.replace(/^/gm, '    ');

const words: Readonly<Record<LoadPlan['outcome'], string>> = {
  'would-load': paint.green('✓ would load'),
  'already-loaded': paint.cyan('✓ is loaded already'),
  'would-refuse': paint.red('✗ would be refused'),
  'in-progress': paint.yellow('… is being loaded'),
};
