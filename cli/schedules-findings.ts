import path from 'node:path';
import { ownVersion } from './own-package';
import { findingsOf, type Finding, type Findings } from './reports/findings';
import type { PlannedSchedule, SchedulesPlan } from '../client/schedules';

type NewFinding = Omit<Finding, 'fingerprint'>;

/** How schedules differ from what is declared, as `findings.json` has it. A difference is an error where it `fails`. */
export function schedulesFindings(plan: SchedulesPlan, configFile: string, fails: boolean, at: Date): Findings {
  const file = path.relative(process.cwd(), configFile);
  const level = fails ? 'error' : 'warning';
  const differ = plan.schedules.flatMap((one) => differences(one, level));
  const orphaned = plan.orphaned.map((id) => ({
    ...finding(id, 'orphaned', level),
    title: `${id} is no longer declared`,
    message: 'It is of this configuration, and goes on. Remove it with `loadline schedules apply --prune`.',
  }));
  const passed = plan.schedules.filter(({ change }) => change === 'none');
  return findingsOf({
    tool: 'loadline schedules',
    toolVersion: ownVersion(),
    subject: plan.taskQueue,
    file,
    at: at.toISOString(),
    counts: { schedules: plan.schedules.length },
    findings: [...differ, ...orphaned].map((one) => ({ ...one, file })),
    passed: passed.map(({ id }) => ({ id, title: 'as declared' })),
  });
}

const finding = (id: string, kind: string, level: Finding['level']): Pick<NewFinding, 'id' | 'level' | 'facts'> => ({
  id: `${id}.${kind}`,
  level,
  facts: { kind: `schedule-${kind}` },
});

function differences(one: PlannedSchedule, level: Finding['level']): NewFinding[] {
  const { id, change, changed, edited, heldPaused, note, never } = one;
  const found: NewFinding[] = [];
  const add = (kind: string, title: string, message: string, how = level): void =>
    void found.push({ ...finding(id, kind, how), title: `${id} ${title}`, message });
  if (change === 'create') add('missing', 'is not on the server', 'Applying creates it.');
  if (change === 'foreign') add('foreign', 'is not of this configuration', 'Choose another id, or apply with --adopt.');
  if (changed.length > 0) add('changed', 'is declared otherwise', `Changed: ${changed.join(', ')}.`);
  if (edited.length > 0)
    add('edited', 'was changed on the server', `Changed there: ${edited.join(', ')}. Applying undoes it.`);
  if (heldPaused)
    add('paused', 'is paused', `By hand or by a failure${note ? `: ${note}` : ''}. It stays so.`, 'notice');
  if (never && change === 'none')
    add('never', 'never runs', 'No time to come matches its times. Correct them, or take it out.', 'warning');
  return found;
}
