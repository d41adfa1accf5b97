/** Where a workflow is found in the Temporal UI, as far as one can tell from the address. */
export interface UiTarget {
  readonly address: string;
  readonly namespace: string;
  readonly workflowId: string;
  readonly runId?: string;
}

/** The link to a workflow in the Temporal UI; `undefined` where nothing is known of a UI. */
export function uiLink({ address, namespace, workflowId, runId }: UiTarget): string | undefined {
  const base = uiBase(address);
  if (base === undefined) return undefined;
  const run = runId === undefined ? '' : `/${encodeURIComponent(runId)}`;
  return `${base}/namespaces/${encodeURIComponent(namespace)}/workflows/${encodeURIComponent(workflowId)}${run}`;
}

function uiBase(address: string): string | undefined {
  const told = process.env['LOADLINE_TEMPORAL_UI'];
  if (told) return told.replace(/\/+$/, '');
  if (/\.(tmprl\.cloud|temporal\.io)(:\d+)?$/.test(address)) return 'https://cloud.temporal.io';
  return /^(localhost|127\.0\.0\.1|\[::1\]):7233$/.test(address) ? 'http://localhost:8233' : undefined;
}
