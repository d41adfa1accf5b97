import { plural } from './format';
import { fields, hang, paint } from './terminal';
import type { AppliedProvision, ProvisionNote, ProvisionPlan, ProvisionStep } from '../activities/warehouses/provision';
import type { ProvisionFlags } from './commands/provision';

/** What applying would do: in words, and as SQL. */
export function renderPlans(plans: readonly ProvisionPlan[], flags: ProvisionFlags, columns = Infinity): string {
  const whole = plans.map((plan) => {
    const { warehouse, steps, drift } = plan;
    const head = drift
      ? `${paint.yellow(`! ${warehouse} differs`)}  ${paint.dim(plural(steps.length, 'step'))}`
      : paint.green(`✓ ${warehouse} is as workers need it`);
    return page(head, [...steps.map((step) => stepText(step, columns)), ...noteLines(plan, columns)], plan, columns);
  });
  const prunes = plans.some(({ steps }) => steps.some((step) => step.prunes));
  const asked = [
    flags.warehouse === undefined ? '' : ` --warehouse ${flags.warehouse}`,
    flags.tables === true ? ' --tables' : '',
    prunes ? ' --prune' : '',
  ].join('');
  const next = plans.some(({ drift }) => drift) ? [`${paint.cyan('→')} loadline provision apply${asked}`] : [];
  return [...whole, ...next].join('\n\n');
}

/** What has been done, and what is left. */
export function renderApplied(done: readonly AppliedProvision[], columns = Infinity): string {
  return done
    .map((one) => {
      const { warehouse, applied, steps } = one;
      const told = applied.length > 0 ? plural(applied.length, 'step') : 'nothing was missing';
      const lines = applied.map((step) => stepLine(step, columns, true));
      const left = steps.map((step) => stepLine(step, columns));
      return page(
        `${paint.green(`✓ ${warehouse} applied`)}  ${told}`,
        [...lines, ...left, ...noteLines(one, columns)],
        one,
        columns,
      );
    })
    .join('\n\n');
}

function page(head: string, lines: readonly string[], { admin, database }: ProvisionPlan, columns: number): string {
  const entries = [
    ['database', database],
    ['as', admin],
  ] as const;
  return [head, lines.join('\n'), fields(entries, '  ', columns)].filter(Boolean).join('\n\n');
}

const signs = { create: paint.green('+'), grant: paint.green('+'), alter: paint.yellow('~'), revoke: paint.red('-') };

/** What only `--prune` does is a question until it is done. */
function stepLine(step: ProvisionStep, columns: number, done = false): string {
  const asks = step.prunes && !done;
  const { what, told } = words(step, done);
  const next = asks ? paint.dim(`; --prune ${step.change === 'revoke' ? 'revokes it' : 'hands it over'}`) : '';
  const sign = asks ? paint.yellow('?') : signs[step.change];
  return hang(`  ${sign} `, `${paint.bold(what)}  ${told}: ${step.reason}${next}`, columns);
}

function words({ object, change, role, sql }: ProvisionStep, done: boolean): { what: string; told: string } {
  const rights = /^(?:GRANT|REVOKE) (?!OWNERSHIP)(.+?) ON /.exec(sql[0] ?? '')?.[1];
  if (rights === undefined || role === null) return { what: object, told: verbs[change] };
  return { what: role, told: `${change === 'revoke' ? (done ? 'had ' : 'has ') : ''}${rights} on ${object}` };
}

const verbs = { create: 'new', grant: 'new', alter: 'changed', revoke: 'too much' };

function stepText(step: ProvisionStep, columns: number): string {
  const shown = step.sql.map((statement) => hang('      ', paint.dim(statement.replace(/\n\s*/g, ' ')), columns));
  return [stepLine(step, columns), ...shown].join('\n');
}

function noteLines({ notes }: ProvisionPlan, columns: number): string[] {
  const mark = ({ blocks }: ProvisionNote): string => (blocks ? paint.red('✗') : paint.yellow('!'));
  return notes.flatMap((one) => [
    hang(`  ${mark(one)} `, `${paint.bold(one.object)}  ${one.found}`, columns),
    hang(`      ${paint.cyan('→')} `, one.remedy, columns),
  ]);
}
