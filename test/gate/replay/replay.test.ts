import { randomBytes, createCipheriv, createDecipheriv } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DataConverter, Payload, PayloadCodec } from '@temporalio/common';
import { Worker } from '@temporalio/worker';
import { bundleForReplay, type NamedHistory, type ReplayBundle } from '../../../workers/replay';
import type { ResolvedConfig } from '../../../workers/config';
import { loadErrorOf } from '../../../workflows/load-error';
import { testWorkflowsPath, workflowBundle } from '../../integration/support/workflow-bundle';
import { changedBundle, userWorkflows, type Change } from './support/changed-bundle';
import { divergencesOf, installQuietRuntime, recorded } from './support/recorded';

installQuietRuntime();

const lineOf = (text: string): number =>
  readFileSync(testWorkflowsPath, 'utf8')
    .split('\n')
    .findIndex((line) => line.includes(text)) + 1;
const inTurn = 'for (const request of requests) receipts.push(await load(request));';
const moved: Change = [
  userWorkflows,
  inTurn,
  "for (const request of requests) { await intervalOf({ grain: 'day' }); receipts.push(await load(request)); }",
];
const renamed: Change = [
  userWorkflows,
  'return loadSet(requests);',
  'return loadSet(requests.map((r) => ({ ...r, pipeline: `new-${r.pipeline}` })) as unknown as typeof requests);',
];
const later: Change = ['workflows/hold.ts', 'given !== undefined, forMs);', 'given !== undefined, forMs + 60_000);'];

test('every recorded history fits the bundle that a worker would run', async () => {
  const bundle = await bundleForReplay({ workflowsPath: testWorkflowsPath } as ResolvedConfig);
  const types: string[] = [];
  expect(await divergencesOf(bundle, recorded.values(), { onTypes: (names) => types.push(...names) })).toEqual(
    new Map(),
  );
  expect(types).toEqual(expect.arrayContaining(['loadTable', 'loadTables', 'loadInTurn', 'sweepStages']));
});

test('an activity that was added names the event, what each has, and the line of the workflow', async () => {
  const bundle = await changedBundle([moved]);
  const found = await divergencesOf(bundle);
  expect([...found.keys()]).toEqual(['load-beside']);
  expect(found.get('load-beside')).toEqual([
    {
      code: 'Nondeterminism',
      eventId: 5,
      expected: 'ActivityTaskScheduled loadline.openLoad, event 5',
      got: 'the activity loadline.intervalOf',
      message: expect.stringMatching(/new worker version.*pinned.*`patched\(\)`.*undo the change/),
      file: join(bundle.folder, userWorkflows),
      line: lineOf(inTurn),
      column: expect.any(Number),
    },
  ]);
});

test('replay goes on after a failure, and tells two histories of one workflow id apart', async () => {
  const [beside, loaded] = [recorded.get('load-beside')!, recorded.get('loaded')!];
  const twice = [
    beside,
    loaded,
    { ...beside, name: 'again' },
    { ...loaded, workflowId: beside.workflowId, name: 'other' },
  ];
  const found = await divergencesOf(await changedBundle([moved]), twice);
  expect([...found.keys()]).toEqual(['load-beside', 'again']);
  expect(found.get('again')).toEqual(found.get('load-beside'));
});

test('another pipeline is red although the SDK replays it green', async () => {
  const bundle = await changedBundle([renamed]);
  const set = recorded.get('load-set')!;
  for await (const { error } of Worker.runReplayHistories({ workflowBundle: bundle }, [
    { workflowId: set.workflowId, history: set.history },
  ]))
    expect(error).toBeUndefined();
  const found = await divergencesOf(bundle);
  expect([...found.keys()]).toEqual(['load-set']);
  expect(found.get('load-set')).toMatchObject([
    {
      code: 'LoadKeyChanged',
      eventId: 5,
      expected: 'pipeline "set"',
      got: 'pipeline "new-set"',
      changed: [{ part: 'pipeline', from: 'set', to: 'new-set' }],
      file: join(bundle.folder, userWorkflows),
      line: lineOf('return loadSet(requests);'),
    },
  ]);
});

test('a timer of another length is told with both lengths', async () => {
  const found = await divergencesOf(await changedBundle([later]));
  expect(found.size).toBeGreaterThanOrEqual(2);
  expect(found.get('held-until-time-was-over')).toMatchObject([
    { code: 'TimerChanged', expected: 'a timer of 1 s', got: 'one of 61 s', eventId: expect.any(Number) },
  ]);
});

test('what comes after histories and code have parted is not compared', async () => {
  const extra: Change = [
    'workflows/protocol-1.ts',
    '    const { open } = result;\n',
    "    const { open } = result;\n    await (await import('@temporalio/workflow')).sleep(5);\n",
  ];
  const found = await divergencesOf(await changedBundle([extra]));
  expect(found.get('held-until-time-was-over')?.map(({ code }) => code)).toEqual(['Nondeterminism']);
});

test('a workflow that the bundle lacks is told, with those that it has', async () => {
  const gone: Change = [userWorkflows, 'export async function loadInTurn(', 'async function loadInTurn('];
  const found = await divergencesOf(await changedBundle([gone]));
  expect([...found]).toMatchObject([
    [
      'load-beside',
      [
        {
          code: 'ReplayFailed',
          expected: 'a workflow loadInTurn in the bundle',
          got: expect.stringContaining('loadTables'),
          message: expect.stringContaining('export it under both names'),
        },
      ],
    ],
  ]);
});

test('code that throws is told with its sentence and line', async () => {
  const throws: Change = [userWorkflows, inTurn, "throw new TypeError('no such thing');"];
  const bundle = await changedBundle([throws]);
  expect((await divergencesOf(bundle)).get('load-beside')).toMatchObject([
    { code: 'ReplayFailed', got: 'no such thing', file: join(bundle.folder, userWorkflows), line: lineOf(inTurn) },
  ]);
});

describe('a broken replayer judges nothing', () => {
  const broken = async (bundle: ReplayBundle): Promise<unknown> => {
    try {
      await divergencesOf(bundle);
    } catch (error) {
      return loadErrorOf(error)?.details[0];
    }
    return 'judged';
  };

  test('where the bundle does not tell what it asks for', async () => {
    expect(await broken(await workflowBundle())).toMatchObject({
      code: 'ReplayerBroken',
      got: 'a bundle without the listener',
      remedy: expect.stringContaining('loadline bundle'),
    });
  });

  test('where the bundle cannot be run', async () => {
    const { code } = await changedBundle([]);
    const other = code.replace('exports.importWorkflows =', 'exports.importNothing =');
    expect(await broken({ code: other })).toMatchObject({
      code: 'ReplayerBroken',
      expected: 'a good history to replay',
    });
    expect(await broken({ code: 'this is no code' })).toMatchObject({ code: 'ReplayerBroken' });
  });

  test('where it tells always the same', async () => {
    const deaf: Change = ['workflows/replay-probe.ts', '? { input: activity.arguments ?? [] }', '? {}'];
    expect(await broken(await changedBundle([deaf]))).toMatchObject({
      code: 'ReplayerBroken',
      expected: 'a history with another load key to be found bad',
    });
  });
});

describe('histories that are encrypted', () => {
  const key = randomBytes(32);
  const codec: PayloadCodec = {
    encode: (payloads) => Promise.resolve(payloads.map(encrypted)),
    decode: (payloads) => Promise.resolve(payloads.map(decrypted)),
  };
  function encrypted({ metadata, data }: Payload): Payload {
    const iv = randomBytes(12);
    const cipher = createCipheriv('aes-256-gcm', key, iv);
    const clear = JSON.stringify({
      encoding: Buffer.from(metadata?.['encoding'] ?? []).toString(),
      data: Buffer.from(data ?? []).toString('base64'),
    });
    const body = Buffer.concat([cipher.update(clear), cipher.final()]);
    return {
      metadata: { encoding: Buffer.from('binary/encrypted') },
      data: Buffer.concat([iv, cipher.getAuthTag(), body]),
    };
  }
  function decrypted(payload: Payload): Payload {
    if (Buffer.from(payload.metadata?.['encoding'] ?? []).toString() !== 'binary/encrypted') return payload;
    const bytes = Buffer.from(payload.data!);
    const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, 12));
    decipher.setAuthTag(bytes.subarray(12, 28));
    const clear = Buffer.concat([decipher.update(bytes.subarray(28)), decipher.final()]).toString();
    const { encoding, data } = JSON.parse(clear) as { encoding: string; data: string };
    return { metadata: { encoding: Buffer.from(encoding) }, data: Buffer.from(data, 'base64') };
  }
  const dataConverter: DataConverter = { payloadCodecs: [codec] };
  const set = (): NamedHistory => {
    const { history, ...named } = recorded.get('load-set')!;
    const events = history.events!.map((event) => {
      const scheduled = event.activityTaskScheduledEventAttributes;
      const completed = event.activityTaskCompletedEventAttributes;
      const started = event.workflowExecutionStartedEventAttributes;
      const closed = <F extends { payloads?: Payload[] | null } | null | undefined>(field: F) =>
        field && { payloads: (field.payloads ?? []).map(encrypted) };
      return {
        ...event,
        ...(scheduled && { activityTaskScheduledEventAttributes: { ...scheduled, input: closed(scheduled.input) } }),
        ...(completed && { activityTaskCompletedEventAttributes: { ...completed, result: closed(completed.result) } }),
        ...(started && { workflowExecutionStartedEventAttributes: { ...started, input: closed(started.input) } }),
      };
    });
    return { ...named, history: { events } };
  };

  test('are judged by who gives the codec', async () => {
    expect(await divergencesOf(await changedBundle([]), [set()], { dataConverter })).toEqual(new Map());
    const found = await divergencesOf(await changedBundle([renamed]), [set()], { dataConverter });
    expect(found.get('load-set')).toMatchObject([{ code: 'LoadKeyChanged', got: 'pipeline "new-set"' }]);
  });

  test('cannot be replayed without, which is said', async () => {
    const found = await divergencesOf(await changedBundle([]), [set()]);
    expect(found.get('load-set')).toMatchObject([
      { code: 'ReplayFailed', message: expect.stringContaining('the dataConverter of your workers') },
    ]);
  });
});

test('a bundle from a file is as good', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'loadline-bundle-'));
  try {
    const { code } = await changedBundle([]);
    writeFileSync(join(folder, 'b.js'), code);
    expect(await divergencesOf({ code: readFileSync(join(folder, 'b.js'), 'utf8') })).toEqual(new Map());
  } finally {
    rmSync(folder, { recursive: true });
  }
});
