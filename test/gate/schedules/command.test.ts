import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { services } from '../../services/services';
import { loadline, plain, type Told } from '../../unit/cli/streams';
import { openProject, type CliProject } from '../../integration/cli/support/cli-project';
import type { Findings } from '../../../cli/reports/findings';

let project: CliProject;
beforeAll(async () => {
  project = await openProject('planned');
  await project.file('package.json', '{ "name": "shop" }');
});
afterAll(async () => {
  await declare('');
  await schedules('apply', '--prune');
  await project.close();
});

/** Runs the command in this process, which has no secret of any warehouse. */
async function schedules(...args: string[]): Promise<Told> {
  const given = ['--config', join(project.folder, 'loadline.config.ts'), '--address', services().temporalAddress];
  const { code, out, err } = await loadline(...given, 'schedules', ...args);
  return { code, out: plain(out), err: plain(err) };
}
async function json(...args: string[]): Promise<unknown> {
  const { code, out, err } = await schedules(...args, '--json');
  expect({ code, err }).toEqual({ code: 0, err: '' });
  return JSON.parse(out);
}

/** Writes the configuration with these schedules. */
const declare = (schedules: string): Promise<void> =>
  project.file(
    'loadline.config.ts',
    `import { defineConfig, env, localFiles, postgres } from 'loadline';
    export default defineConfig({
      warehouses: { main: postgres({ url: env('DATABASE_URL') }) },
      stores: { raw: localFiles({ root: './data' }) },
      contracts: ['./contracts.yml'],
      worker: { taskQueue: '${project.taskQueue}', workflows: './workflows.ts' },
      schedules: [${schedules}],
    });`,
  );
const id = (name: string): string => `${project.taskQueue}-${name}`;
const nightly = (more = ''): string =>
  `{ id: '${id('nightly')}', workflow: 'daily', input: { day: '2026-11-22' }, cron: '0 3 * * *', zone: 'Europe/Berlin', ${more} },`;
const hourly = (): string =>
  `{ id: '${id('hourly')}', every: '1h', load: { pipeline: 'hourly', into: 'orders', mode: 'merge',
      from: { kind: 'files', store: 'raw', glob: '*.csv' }, interval: { grain: 'hour' } } },`;

test('a project plans, applies, sees drift by the exit code, and prunes when asked', async () => {
  await declare(nightly() + hourly());
  const first = await schedules('plan', '--exit-code', '--report', 'junit', '--output', join(project.folder, 'out'));
  expect(first).toMatchObject({ code: 1, err: '' });
  expect(first.out).toContain(`+ ${id('nightly')}  new, starts daily`);
  expect(first.out).toContain('→ loadline schedules apply');
  const findings = JSON.parse(await readFile(join(project.folder, 'out/findings.json'), 'utf8')) as Findings;
  expect(findings).toMatchObject({ tool: 'loadline schedules', verdict: 'fail', counts: { schedules: 2 } });
  expect(findings.findings[0]).toMatchObject({ id: `${id('nightly')}.missing`, level: 'error' });

  expect(await json('apply')).toMatchObject({ created: [id('nightly'), id('hourly')] });
  const [same, again] = await Promise.all([schedules('plan', '--exit-code'), schedules('apply')]);
  expect(same).toMatchObject({ code: 0, err: '' });
  expect(same.out).toMatch(/= .*nightly {2}next \d{4}-.*T0[12]:00:00/);
  expect(again.out).toContain('✓ applied  2 unchanged');

  await declare(nightly("jitter: '1m'"));
  const changed = await schedules('plan');
  expect(changed).toMatchObject({ code: 0 });
  expect(changed.out).toContain('declared otherwise: jitter');
  expect(changed.out).toContain(`? ${id('hourly')}  no longer declared; --prune deletes it`);
  expect((await schedules('apply')).out).toContain('no longer declared; --prune deletes it');
  expect(await json('apply', '--prune')).toMatchObject({ pruned: [id('hourly')] });
}); // prettier-ignore

test('a report that cannot be made is refused with what to do, an unknown one before anything is changed', async () => {
  await declare(nightly() + nightly().replace('-nightly', '-reported'));
  expect(await schedules('apply', '--report', 'junti')).toMatchObject({ code: 2, out: '' });
  expect((await schedules('plan')).out).toContain(`+ ${id('reported')}`);
  const place = await schedules('plan', '--report', `junit=${project.folder}`, '--output', join(project.folder, 'out'));
  expect(place).toMatchObject({ code: 2, out: '' });
  expect(place.err).toMatch(/cannot be written: .*EISDIR[\s\S]*→ Name another place/);
});

test('the built command plans as well', async () => {
  await declare(nightly("jitter: '1m'"));
  const { code, out, err } = await project.run('schedules', 'plan', '--exit-code');
  expect({ code, err }).toEqual({ code: 0, err: '' });
  expect(out).toContain('as declared');
});

test('what cannot be compared is no drift: it exits with 2', async () => {
  await declare(nightly().replace("'0 3 * * *'", "'0 25 * * *'"));
  const malformed = await schedules('plan', '--exit-code');
  expect(malformed).toMatchObject({ code: 2, out: '' });
  expect(malformed.err).toContain('the hour "25", which is none from 0 to 23');
  await declare(nightly().replace("'daily'", "'dialy'"));
  const unknown = await schedules('apply');
  expect(unknown).toMatchObject({ code: 2, out: '' });
  expect(unknown.err).toMatch(/UnknownWorkflow[\s\S]*Did you mean "daily"\?/);
  await declare(`${hourly()} ${nightly()}`.replace("into: 'orders'", "into: 'ordres'"));
  const contract = await schedules('plan');
  expect(contract).toMatchObject({ code: 2, out: '' });
  expect(contract.err).toContain(`schedules.${id('hourly')}.load: ordres`);
  await declare(nightly());
  const namespace = await schedules('plan', '--exit-code', '--namespace', 'nowhere');
  expect(namespace).toMatchObject({ code: 2, out: '' });
  expect(namespace.err).toMatch(/no such namespace[\s\S]*nowhere[\s\S]*Correct --namespace/);
  const away = await loadline(
    '--config',
    join(project.folder, 'loadline.config.ts'),
    '--address',
    '127.0.0.1:1',
    'schedules',
    'plan',
    '--exit-code',
  );
  expect(away).toMatchObject({ code: 2, out: '' });
  expect(away.err).toContain('TemporalUnreachable');
});

test('a schedule of the same id that is not of this configuration is refused, until it is to be taken over', async () => {
  const action = { type: 'startWorkflow' as const, workflowType: 'daily', taskQueue: 'elsewhere', args: [] };
  const handle = await project.client.schedule.create({ scheduleId: id('theirs'), spec: { intervals: [{ every: '300 days' }] }, action });
  await declare(nightly("jitter: '1m'") + nightly().replace('-nightly', '-theirs'));
  expect((await schedules('plan')).out).toContain('or --adopt takes it over');
  const refused = await schedules('apply', '--prune');
  expect(refused).toMatchObject({ code: 2, out: '' });
  expect(refused.err).toContain('--adopt');
  expect((await handle.describe()).action.taskQueue).toBe('elsewhere');
  expect(await json('apply', '--adopt')).toMatchObject({ updated: [id('theirs')] });
  expect((await handle.describe()).action.taskQueue).toBe(project.taskQueue);
  expect(await schedules('plan', '--exit-code')).toMatchObject({ code: 0 });
}); // prettier-ignore
