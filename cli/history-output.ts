import { plural } from './format';
import { fields, hang, paint } from './terminal';
import type { Recorded, Recording } from './history-record';

/** What has become of the runs, a line for each. */
export function renderRecording({ recorded, skipped, refused }: Recording, columns: number, asked: string): string {
  const left =
    skipped.length > 0
      ? [paint.dim(`${plural(skipped.length, 'run')} left out: recorded already, or did the same as one that is`)]
      : [];
  const all = [
    ...recorded.map((one) => recordedLines(one, columns)),
    ...left,
    ...refused.map((one) => refusal(one, columns)),
  ];
  return all.length > 0 ? all.join('\n') : none(asked, columns);
}

const none = (asked: string, columns: number): string =>
  [
    paint.red('✗ no run was found'),
    fields([['asked', asked]], '  ', columns),
    hang(`${paint.cyan('→')} `, 'Name runs by their workflow ids, or say which with --query.', columns),
  ].join('\n');

function recordedLines({ file, events, redacted, needed }: Recorded, columns: number): string {
  const told = paint.dim(`${plural(events, 'event')}, ${plural(redacted, 'text')} redacted`);
  const names = needed.map((name) => name || 'an argument').join(', ');
  const kept =
    needed.length > 0
      ? [hang(`  ${paint.yellow('!')} `, `kept, since the workflow decides by it: ${names}`, columns)]
      : [];
  return [`${paint.green('✓')} ${paint.bold(file)}  ${told}`, ...kept].join('\n');
}

function refusal({ workflowId, error }: Recording['refused'][number], columns: number): string {
  const { code, what, expected, got, remedy } = error;
  const facts = fields([['expected', expected], ['got', got]], '  ', columns); // prettier-ignore
  return [
    hang(`${paint.red('✗')} `, `${paint.bold(workflowId)}  ${paint.red(code)}  ${what}`, columns),
    ...(facts ? [facts] : []),
    hang(`${paint.cyan('→')} `, remedy, columns),
  ].join('\n');
}
