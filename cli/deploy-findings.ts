import { ownVersion } from './own-package';
import { findingsOf, type Finding, type Findings } from './reports/findings';
import type { DeployPhase, DeployResult, RollbackResult } from '../client';
import type { ErrorFacts } from './print-error';

type NewFinding = Omit<Finding, 'fingerprint'>;

const titles: Readonly<Record<DeployPhase['phase'], string>> = {
  workers: 'Workers of the build',
  canary: 'Canary',
  'backward-replay': 'Rollback',
  ramp: 'Ramp',
  observe: 'Observation',
  promote: 'Promotion',
};
const levels = { fail: 'error', insufficient: 'error', warn: 'warning', skip: 'notice' } as const;

const idOf = ({ phase, percent }: DeployPhase): string => (percent === undefined ? phase : `${phase}-${percent}`);
const titleOf = ({ phase, percent, verdict }: DeployPhase): string => {
  const title = percent === undefined ? titles[phase] : `${titles[phase]} at ${percent} %`;
  return verdict === 'insufficient' ? `${title}: insufficient evidence` : title;
};

function head(tool: string, subject: string): Pick<Findings, 'tool' | 'toolVersion' | 'subject' | 'at'> {
  return { tool, toolVersion: ownVersion(), subject, at: new Date().toISOString() };
}

function phasesOf(phases: readonly DeployPhase[]): Pick<Findings, 'passed'> & { findings: NewFinding[] } {
  const passed = phases.filter(({ verdict }) => verdict === 'pass');
  return {
    passed: passed.map((phase) => ({ id: idOf(phase), title: `${titleOf(phase)}: ${phase.text}` })),
    findings: phases.flatMap((phase) => {
      const { verdict, text, percent } = phase;
      if (verdict === 'pass') return [];
      const facts = { verdict, ...(percent === undefined ? {} : { percent }) };
      return [{ id: idOf(phase), level: levels[verdict], title: titleOf(phase), message: text, facts }];
    }),
  };
}

/** What a deploy has found, as `findings.json` has it. */
export function deployFindings({ deployment, phases }: DeployResult): Findings {
  const counts = { phases: phases.length };
  return findingsOf({ ...head('loadline deploy', deployment), counts, ...phasesOf(phases) });
}

/** What is said of a deploy or a rollback that could not be carried out. */
export function refusedDeploy(
  tool: string,
  subject: string,
  { code, what, object, expected, got, remedy }: ErrorFacts,
  phases: readonly DeployPhase[],
): Findings {
  const facts = [expected && `expected ${expected}`, got && `got ${got}`].filter(Boolean).join(', ');
  const on = [object, facts].filter(Boolean).join(': ');
  const before = phasesOf(phases);
  const message = [on && `${on}.`, remedy].filter(Boolean).join(' ');
  const refusal: NewFinding = { id: code, level: 'error', title: what.replace(/\.$/, ''), message };
  return findingsOf({
    ...head(tool, subject),
    counts: { phases: phases.length },
    passed: before.passed,
    findings: [...before.findings, refusal],
  });
}

/** What a rollback has done. Runs that cannot go on are warnings: it was asked for knowing them. */
export function rollbackFindings(result: Exclude<RollbackResult, { readonly outcome: 'declined' }>): Findings {
  const base = head('loadline rollback', result.deployment);
  if (!('to' in result)) return findingsOf({ ...base, counts: {}, findings: [], passed: [] });
  const { from, to, pinnedRuns, followingRuns, following } = result;
  const broken = following.filter(({ trouble }) => typeof trouble === 'string');
  return findingsOf({
    ...base,
    counts: { pinned: pinnedRuns, following: followingRuns },
    passed: [{ id: 'rollback', title: `New runs go to ${to} instead of ${from}` }],
    findings: broken.map(({ workflowId, workflowType, trouble }) => ({
      id: `run-${workflowId}`,
      level: 'warning',
      title: `${workflowType} cannot go on with ${to}`,
      message: `${workflowId}: ${trouble}`,
    })),
  });
}
