import { hostname } from 'node:os';
import { Client } from '@temporalio/client';
import { recordHistory, type EventJson } from '../../../workers/history';
import { historyText } from '../../../workers/history/history-json';
import { loadErrorOf } from '../../../workflows/load-error';
import { input, openRecordingLab, toldBy, type RecordingLab } from './support/recording-lab';

let lab: RecordingLab;
beforeAll(async () => void (lab = await openRecordingLab('recording')), 60_000);
afterAll(() => lab.stop());

/** What nobody should read in a file. */
const secrets = [
  input.owner, input.token, input.export, 'Marguerite', 'Vandersloot', 'vandersloot', 'Ottoline', 'ECONNREFUSED', '10.11.12.13',
  'secret-plans', `@${hostname()}`, '/tmp/', 'postgres://', process.cwd(),
]; // prettier-ignore

const shownIn = (text: string): string[] => secrets.filter((secret) => toldBy(text).includes(secret));
const refusal = (work: Promise<unknown>) =>
  work.then(
    () => 'nothing was refused',
    (error: unknown) => ({ code: loadErrorOf(error)?.type, got: loadErrorOf(error)?.details[0].got }),
  );

test('a recorded run tells of no people, machines and rows, and replays green and red as the run itself', async () => {
  for (const workflow of ['daily', 'perRegion', 'failing', 'failingLocally']) {
    const workflowId = await lab.ran(workflow);
    const original = historyText(await lab.eventsOf(workflowId));
    expect(shownIn(original)).toContain(input.token);
    const { text, redacted } = await lab.record(workflowId);
    expect([workflow, shownIn(text)]).toEqual([workflow, []]);
    expect(redacted).toBeGreaterThan(4);
    expect(await lab.verdict(original)).toEqual([]);
    expect(await lab.verdict(text)).toEqual([]);
    if (workflow.startsWith('failing')) continue;
    const red = await lab.verdict(original, 'changed');
    expect(red).toMatchObject([{ code: 'Nondeterminism' }]);
    expect(await lab.verdict(text, 'changed')).toEqual(red);
  }
});

test('the parts of a load key survive, also one that comes from the input', async () => {
  const { text, needed } = await lab.record(await lab.ran('perRegion'));
  expect(needed).toEqual(['region']);
  expect(toldBy(text)).toContain('"pipeline":"daily-nordwest"');
  expect(toldBy(text)).toContain('"loadKey":"v1/daily-nordwest/');
});

test('a text that the workflow decides by is kept, and said to be', async () => {
  const { text, needed } = await lab.record(await lab.ran('byRegion', { region: 'EMEA' }));
  expect(needed).toEqual(['region']);
  expect(toldBy(text)).toContain('"region":"EMEA"');
  expect(shownIn(text)).toEqual([]);
});

test('a text of a field that is to be kept is kept, unless it is a secret', async () => {
  const workflowId = await lab.ran('daily');
  const { text } = await lab.record(workflowId, ['region', 'token', 'owner']);
  expect(toldBy(text)).toContain('"region":"nordwest"');
  expect(shownIn(text)).toEqual([]);
});

test('a run that decides by what must not be shown is refused', async () => {
  const workflowId = await lab.ran('byOwner', { owner: 'bob@acme.example'.slice(1) });
  expect(await refusal(lab.record(workflowId))).toEqual({
    code: 'HistoryNotRedactable',
    got: 'an e-mail address in owner',
  });
});

test('a run whose own name must not be shown is refused', async () => {
  const workflowId = await lab.ran('daily');
  const events = JSON.parse(JSON.stringify(await lab.eventsOf(workflowId)).replaceAll(workflowId, input.owner)) as EventJson[]; // prettier-ignore
  expect(await refusal(recordEvents(workflowId, events))).toEqual({ code: 'HistoryNotRedactable', got: 'an e-mail address at event 1' }); // prettier-ignore
});

test('a running run is recorded as far as it is', async () => {
  const workflowId = await lab.start('waiting');
  const handle = lab.lab.client.workflow.getHandle(workflowId);
  for (let events = 0; events < 4;) events = (await lab.eventsOf(workflowId)).length;
  const running = await lab.record(workflowId);
  await handle.signal('goOn', { by: 'Marguerite Vandersloot' });
  await handle.result();
  const whole = await lab.record(workflowId);
  expect(running.events).toBeLessThan(whole.events);
  for (const { text } of [running, whole]) {
    expect(shownIn(text)).toEqual([]);
    expect(await lab.verdict(text)).toEqual([]);
  }
});

test('a run of other code is refused, also one that only asks for another load', async () => {
  const workflowId = await lab.ran('daily');
  const events = await lab.eventsOf(workflowId);
  const renamed = JSON.parse(JSON.stringify(events).replaceAll('"findCustomers"', '"seekCustomers"')) as typeof events;
  expect(await refusal(recordEvents(workflowId, renamed))).toMatchObject({ code: 'HistoryNotReplayable' });
  const other = JSON.parse(
    JSON.stringify(events, (_, value: unknown) => (typeof value === 'string' ? withOtherPipeline(value) : value)),
  ) as typeof events;
  expect(await refusal(recordEvents(workflowId, other))).toMatchObject({
    code: 'HistoryNotReplayable',
    got: expect.stringMatching(/^code that asks for another load at event \d+$/) as string,
  });
});

test('a run with encrypted payloads is refused', async () => {
  const { client } = lab.lab;
  const seal = (data: Uint8Array | null | undefined) => Buffer.from(data ?? []).map((byte) => byte ^ 0x5a);
  const sealing = new Client({
    connection: client.connection,
    dataConverter: {
      payloadCodecs: [
        {
          encode: (payloads) => Promise.resolve(payloads.map(({ data }) => ({ metadata: { encoding: Buffer.from('binary/encrypted') }, data: seal(data) }))), // prettier-ignore
          decode: (payloads) => Promise.resolve(payloads),
        },
      ],
    },
  });
  const workflowId = `sealed-${Date.now()}`;
  const handle = await sealing.workflow.start('daily', { taskQueue: 'nobody', workflowId, args: [input] });
  expect(await refusal(lab.record(workflowId))).toEqual({
    code: 'HistoryNotRedactable',
    got: 'binary/encrypted at event 1',
  });
  await handle.terminate();
});

function recordEvents(workflowId: string, events: Awaited<ReturnType<RecordingLab['eventsOf']>>) {
  return recordHistory({ workflowId, events }, lab.recorder);
}

/** What `openLoad` was asked, for another pipeline. */
function withOtherPipeline(text: string): string {
  const clear = Buffer.from(text, 'base64').toString();
  if (!clear.startsWith('{"requests"')) return text;
  return Buffer.from(clear.replace('"pipeline":"daily"', '"pipeline":"another"')).toString('base64');
}
