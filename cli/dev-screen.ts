import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { devEnvironmentFile } from './dev-environment';
import { shortPath } from '../workers/config/short-path';
import { fields, paint } from './terminal';
import type { ResolvedConfig } from '../workers/config';
import type { Stack } from '../workers/embedded/stack';

/** The variables that warehouses refer to and that nobody has set: they are to mean the embedded database. */
export function embeddedSecrets({ warehouses }: Pick<ResolvedConfig, 'warehouses'>): string[] {
  const urls = [...warehouses.values()].flatMap((w) => (w.kind === 'postgres' ? [w.url] : []));
  return urls.flatMap((url) => (typeof url === 'object' && 'env' in url && !process.env[url.env] ? [url.env] : []));
}

/** What one needs to know of a running `loadline dev`, on one screen. */
export function devScreen(config: ResolvedConfig, { temporal, postgres }: Stack): string {
  const psql = postgres.embedded ? `. ${shortPath(devEnvironmentFile(config))} && psql "$DATABASE_URL"` : undefined;
  const facts = fields([
    ['Temporal', `${temporal.address}, namespace ${temporal.namespace}`],
    ['Temporal UI', temporal.uiUrl ?? undefined],
    ['Task queue', `${config.taskQueue}, build ${config.buildId}`],
    ['Database', masked(postgres.url)],
    ['psql', psql],
  ], '  '); // prettier-ignore
  const head = `${paint.green('✓')} ${paint.bold('Loadline is up.')}  ${paint.dim('Ctrl-C stops it.')}`;
  return [
    '',
    head,
    '',
    facts,
    '',
    '  Next, in another terminal:',
    ...nextSteps(config).map((step) => `    ${paint.cyan(step)}`),
    '',
  ].join('\n');
}

function nextSteps({ contracts, stores, rootDir }: ResolvedConfig): string[] {
  const [contract] = contracts.values();
  const [store] = stores.keys();
  // Called in the way that this one was.
  const loadline = process.env['npm_command'] ? 'npx loadline' : 'loadline';
  if (hasLoadScript(rootDir)) return ['npm run load', `${loadline} loads list`, `${loadline} doctor`];
  if (!contract || !store) return [`${loadline} doctor`];
  const mode = contract.key ? 'merge' : 'append';
  const request = `--load ${contract.name} --mode ${mode} --from ${store}:'**/*.csv'`;
  return [`plan ${request}`, `run ${request}`, 'loads list', 'doctor'].map((command) => `${loadline} ${command}`);
}

/** Whether the project has the script that `loadline init` gives it. */
function hasLoadScript(rootDir: string): boolean {
  try {
    const manifest = JSON.parse(readFileSync(join(rootDir, 'package.json'), 'utf8')) as { scripts?: { load?: string } };
    return manifest.scripts?.load?.startsWith('loadline run ') === true;
  } catch {
    return false;
  }
}

/** A URL without its password. */
export function masked(url: string): string {
  if (!URL.canParse(url)) return url.replace(/:[^:@/]*@/, ':•••@');
  const { protocol, username, password, host, pathname } = new URL(url);
  const user = username === '' ? '' : `${username}${password === '' ? '' : ':•••'}@`;
  return `${protocol}//${user}${host}${pathname}`;
}
