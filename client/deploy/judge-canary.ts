import type { temporal } from '@temporalio/proto';
import type { CanaryResult, CanaryTable } from '../../workflows/contract';

/** A run with everything that happened in it. */
export interface RunHistory {
  readonly workflowId: string;
  readonly runId: string;
  readonly workflowType: string;
  readonly history: temporal.api.history.v1.IHistory;
}

/** What there is to see of a canary: its end with the histories of its runs, or why it came to none. */
export type SeenCanary =
  { readonly result: CanaryResult; readonly histories: readonly RunHistory[] } | { readonly trouble: string };

/** Whether a canary has shown that the build loads, once: the first objection as a sentence, or `null`. */
export function objectionTo(seen: SeenCanary, deployment: string, buildId: string): string | null {
  if ('trouble' in seen) return seen.trouble;
  const { runs } = seen.result;
  const [first, second] = runs;
  if (!first || !second || runs.length !== 2) return `It ran ${runs.length} times instead of twice.`;
  return (
    otherBuild(seen.histories, deployment, buildId) ??
    wrongLoads(first.loads, 'loaded', 'first') ??
    wrongLoads(second.loads, 'already-loaded', 'second') ??
    otherKeys(first.loads, second.loads) ??
    [...first.loads, ...second.loads]
      .filter((load) => load.buildId !== buildId)
      .map((load) => `The ledger says that build ${load.buildId} has loaded ${load.loadKey}.`)[0] ??
    otherContent(first.tables, second.tables)
  );
}

type Loads = CanaryResult['runs'][number]['loads'];

/** Every task of every run must have been that build's. */
function otherBuild(histories: readonly RunHistory[], deployment: string, buildId: string): string | null {
  for (const { workflowId, history } of histories) {
    const tasks = (history.events ?? []).flatMap((event) => event.workflowTaskCompletedEventAttributes ?? []);
    const other = tasks.find(
      ({ deploymentVersion }) =>
        deploymentVersion?.buildId !== buildId || deploymentVersion.deploymentName !== deployment,
    );
    if (other) {
      const { deploymentVersion: ran } = other;
      return `${workflowId} ran on ${ran ? `${ran.deploymentName} / ${ran.buildId}` : 'a worker without a version'}.`;
    }
    if (tasks.length === 0) return `The history of ${workflowId} names no build.`;
  }
  return null;
}

function wrongLoads(loads: Loads, outcome: string, run: string): string | null {
  if (loads.length === 0) return `The ${run} run has returned no receipt of a load.`;
  const wrong = loads.find((load) => load.outcome !== outcome);
  return wrong ? `In the ${run} run ${wrong.loadKey} is ${wrong.outcome} instead of ${outcome}.` : null;
}

function otherKeys(first: Loads, second: Loads): string | null {
  const keys = (loads: Loads): string => JSON.stringify(loads.map((load) => load.loadKey).sort());
  return keys(first) === keys(second) ? null : 'The second run has other load keys than the first.';
}

function otherContent(first: readonly CanaryTable[], second: readonly CanaryTable[]): string | null {
  if (!first.some(({ rows }) => rows > 0)) return 'The scratch tables hold no row after the first run.';
  for (const table of first) {
    const after = second.find((other) => other.table === table.table);
    if (!after) return `${table.table} is gone after the second run.`;
    if (after.rows !== table.rows)
      return `${table.table} holds ${table.rows} rows after the first run and ${after.rows} after the second.`;
    if (after.sha256 !== table.sha256) return `The second run has changed rows of ${table.table}.`;
  }
  const more = second.find((table) => !first.some((other) => other.table === table.table));
  return more ? `The second run has made ${more.table}.` : null;
}
