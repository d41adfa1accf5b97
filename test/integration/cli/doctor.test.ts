import { randomUUID } from 'node:crypto';
import { mergeOrders, openProject, type CliProject } from './support/cli-project';

interface Told {
  readonly ok: boolean;
  readonly findings: readonly {
    check: string;
    ok: boolean;
    found: string;
    remedy?: string;
    fixed?: boolean;
    fixable?: boolean;
  }[];
}

let project: CliProject;
const doctor = async (...args: string[]): Promise<Told & { code: number | null }> => {
  const { code, out } = await project.run('doctor', '--json', ...args);
  return { code, ...(JSON.parse(out) as Told) };
};
const of = (told: Told, check: string) => told.findings.find((finding) => finding.check === check);

beforeAll(async () => {
  project = await openProject('cli-doctor');
});
afterAll(() => project.close());

test('finds nothing wrong where all is well', async () => {
  await project.worker();
  // A database that Loadline has never seen lacks the ledger.
  expect(of(await doctor('--fix'), 'main: ledger')).toMatchObject({ ok: true, fixed: true });
  const { code, out } = await project.run('doctor');
  expect(out).toMatch(/\n✓ All is well\.\n$/);
  expect(out).not.toContain('✗');
  expect(code).toBe(0);
});

test('--fix registers the search attributes, after which loads set them', async () => {
  const namespace = `doctor-${randomUUID()}`;
  await project.client.workflowService.registerNamespace({
    namespace,
    workflowExecutionRetentionPeriod: { seconds: 86_400 as never },
  });
  const before = await untilKnown(namespace);
  expect(before.code).toBe(1);
  expect(of(before, 'search attributes')).toMatchObject({
    ok: false,
    fixable: true,
    found: expect.stringContaining('LoadlineTarget'),
  });
  expect(of(before, 'search attributes')?.remedy).toContain('--name LoadlineTarget --type KeywordList');
  expect(of(before, 'worker')).toMatchObject({ ok: false });

  const fixed = await doctor('--namespace', namespace, '--fix');
  expect(of(fixed, 'search attributes')).toMatchObject({ ok: true, fixed: true });
  const { customAttributes } = await project.client.connection.operatorService.listSearchAttributes({ namespace });
  expect(customAttributes).toMatchObject({ LoadlinePipeline: 2, LoadlineTarget: 7, LoadlineOutcome: 2 });
  expect(of(await doctor('--namespace', namespace), 'search attributes')).toEqual({
    check: 'search attributes',
    ok: true,
    found: 'registered',
  });

  await project.file('data/a.csv', 'id,amount\n1,1\n');
  const worker = project.start('worker', '--namespace', namespace);
  await worker.until('polling');
  const { code } = await project.run(
    'run',
    '--namespace',
    namespace,
    ...mergeOrders('a.csv', '--workflow-id', 'attributes'),
  );
  expect(code).toBe(0);
  const { workflowExecutionInfo } = await project.client.workflowService.describeWorkflowExecution({
    namespace,
    execution: { workflowId: 'attributes' },
  });
  const fields = workflowExecutionInfo?.searchAttributes?.indexedFields ?? {};
  const value = (name: string): unknown => JSON.parse(Buffer.from(fields[name]!.data!).toString());
  expect(value('LoadlinePipeline')).toBe('orders');
  expect(value('LoadlineTarget')).toEqual([expect.stringMatching(/\.public\.orders$/)]);
  expect(value('LoadlineOutcome')).toBe('loaded');
});

test('every thing that is wrong has its own line and remedy, and the rest is looked at all the same', async () => {
  await project.file('.env', '');
  const url = new URL(project.env['DATABASE_URL']!);
  url.pathname = '/no_such_database';
  project.env['DATABASE_URL'] = url.href;
  await project.file('loadline.config.ts', configWithout('./nowhere'));
  const { code, out } = await project.run('doctor', '--address', '127.0.0.1:9');
  expect(code).toBe(1);
  expect(out).toMatch(/✗ store raw {2}.*nowhere does not exist\n {2}→ /);
  expect(out).toMatch(/✗ Temporal {2}.*TemporalUnreachable .*127\.0\.0\.1:9.*\n {2}→ Start/);
  expect(out).toMatch(/✗ main: .*DatabaseNotFound.*\n {2}→ /);
  expect(out).toMatch(/✓ Node\.js/);
  expect(out).toMatch(/\n✗ 3 of \d+ checks failed\.\n$/);
});

const configWithout = (root: string): string => `
  import { defineConfig, env, localFiles, postgres } from 'loadline';
  export default defineConfig({
    warehouses: { main: postgres({ url: env('DATABASE_URL') }) },
    stores: { raw: localFiles({ root: '${root}' }) },
    contracts: ['./contracts.yml'],
  });`;

/** A new namespace takes a moment until every part of the server knows it. */
async function untilKnown(namespace: string): Promise<Told & { code: number | null }> {
  for (;;) {
    const told = await doctor('--namespace', namespace);
    if (of(told, 'namespace')?.ok && of(told, 'search attributes')?.found.startsWith('missing')) return told;
  }
}
