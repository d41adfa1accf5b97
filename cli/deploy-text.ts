import { plural } from './format';
import { renderTable } from './output';
import { fields, hang, paint } from './terminal';
import type { BuildStatus, DeployPhase, DeployResult, DeploymentStatus, RollbackPlan, RollbackResult } from '../client';

const marks: Readonly<Record<DeployPhase['verdict'], string>> = {
  pass: paint.green('✓'),
  warn: paint.yellow('!'),
  skip: paint.dim('-'),
  fail: paint.red('✗'),
  insufficient: paint.red('✗'),
};
const widest = 'backward-replay'.length;

/** A phase that has ended, on one line. */
export function phaseLine({ phase, verdict, text }: DeployPhase, columns = Infinity): string {
  return hang(`${marks[verdict]} ${paint.bold(phase.padEnd(widest))}  `, text, columns);
}

const outcomes: Readonly<Record<DeployResult['outcome'], string>> = {
  promoted: paint.green('✓ promoted'),
  'already-current': paint.green('✓ current already'),
  failed: paint.red('✗ not promoted'),
  'insufficient-evidence': paint.red('✗ not promoted: insufficient evidence'),
};

/** How a deploy has ended; the phases have been told. */
export function renderDeploy({ outcome, deployment, buildId, previous }: DeployResult, columns = Infinity): string {
  const back = outcome === 'promoted' && previous !== null ? 'loadline rollback' : undefined;
  const current = outcome === 'promoted' ? undefined : (previous ?? 'none');
  return [
    `${outcomes[outcome]}  ${paint.bold(`${deployment} / ${buildId}`)}`,
    fields([['before', outcome === 'promoted' ? (previous ?? 'none') : undefined], ['current', current], ['to go back', back]], '  ', columns), // prettier-ignore
  ].join('\n');
}

/** Which builds there are. */
export function renderStatus({ deployment, taskQueue, builds }: DeploymentStatus, columns = Infinity): string {
  const head = `${paint.bold(deployment)}  ${paint.dim(`task queue ${taskQueue}`)}`;
  if (builds.length === 0)
    return `${head}\n\n${hang('  ', 'No worker of it has polled yet. Start `loadline worker`.', columns)}`;
  const table = renderTable(
    ['BUILD', 'STATE', 'NEW RUNS', 'WORKERS', 'PINNED', 'AUTO-UPGRADE'],
    builds.map((build) => [
      build.buildId,
      stateText(build),
      `${build.percent} %`,
      String(build.pollers),
      String(build.pinnedRuns),
      String(build.autoUpgradeRuns),
    ]),
  );
  const hint = builds.some(({ state }) => state === 'current')
    ? []
    : ['', hang('  ', 'No build is current: runs wait without a task. Run `loadline deploy`.', columns)];
  return [head, '', table, ...hint].join('\n');
}

const stateText = ({ state, rolledBack }: BuildStatus): string => (rolledBack ? `${state}, rolled back` : state);

/** What a rollback will do, and break. */
export function renderRollbackPlan(plan: RollbackPlan, columns = Infinity): string {
  const { deployment, from, to, ramping, pinnedRuns, followingRuns, following, replayed } = plan;
  const what = ramping ? `${from} loses its share of new runs` : `new runs go to ${to} instead of ${from}`;
  const lines = [`${paint.bold(deployment)}: ${what}`];
  if (pinnedRuns > 0)
    lines.push(`- ${plural(pinnedRuns, 'pinned run')} stay on ${from}: keep its workers up until they have ended`);
  if (followingRuns > 0) {
    const known = replayed ? '' : ', whether they can is not known (--bundles)';
    lines.push(`- ${plural(followingRuns, 'auto-upgrade run')} go on with ${to}${known}`);
  }
  for (const { workflowId, workflowType, trouble } of following) {
    if (trouble === undefined) lines.push(`  ${workflowId}  ${workflowType}`);
    else if (trouble !== null)
      lines.push(`  ${paint.red('✗')} ${workflowId}  ${workflowType} cannot go on: ${trouble}`);
  }
  if (pinnedRuns + followingRuns === 0) lines.push('- no open run is affected');
  return lines.map((line) => hang('', line, columns)).join('\n');
}

/** How a rollback has ended. */
export function renderRollback(result: RollbackResult, columns = Infinity): string {
  if (!('to' in result)) {
    const { deployment, current } = result;
    const why = current === null ? 'no build is current' : `${current} is current, and none was before it`;
    return hang('', `✓ nothing to roll back  ${deployment}: ${why}`, columns);
  }
  const { deployment, from, to, pinnedRuns } = result;
  const stay = pinnedRuns > 0 ? `${plural(pinnedRuns, 'pinned run')}: its workers must stay up` : undefined;
  return [
    `${paint.green('✓ rolled back')}  ${paint.bold(`${deployment} / ${to}`)}`,
    fields(
      [
        ['instead of', from],
        [`still on ${from}`, stay],
      ],
      '  ',
      columns,
    ),
  ].join('\n');
}
