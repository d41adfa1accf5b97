import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readHistory, writeHistory } from '../../../workers/replay';
import { loadErrorOf } from '../../../workflows/load-error';

const folder = join(__dirname, '..', '..', 'histories');
const text = readFileSync(join(folder, 'protocol-1.loaded.json'), 'utf8');
type Json = { events: Record<string, Record<string, unknown>>[] };
const changed = (change: (history: Json) => unknown): string => {
  const history = JSON.parse(text) as Json;
  return JSON.stringify(change(history) ?? history);
};
const refusal = (written: string): unknown => {
  try {
    readHistory(written, 'a.json');
  } catch (error) {
    return loadErrorOf(error)?.details[0];
  }
  return 'not refused';
};

test('what is read and written is as it was', () => {
  const names = readdirSync(folder).filter((name) => name.endsWith('.json'));
  expect(names.length).toBeGreaterThan(10);
  for (const name of names) {
    const stored = readFileSync(join(folder, name), 'utf8');
    expect(JSON.parse(writeHistory(readHistory(stored, name).history))).toEqual(JSON.parse(stored));
  }
});

test('a history tells its workflow, run and type, and may be a bare list with a byte order mark', () => {
  const known = { workflowId: expect.stringMatching(/^loaded-/), runId: expect.any(String), workflowType: 'loadTable' };
  expect(readHistory(text, 'a.json')).toMatchObject({ name: 'a.json', ...known });
  expect(readHistory(`\uFEFF${changed(({ events }) => events)}`, 'a.json')).toMatchObject(known);
});

test('names of enumerations as the Temporal UI writes them are read', () => {
  const camel = (name: string): string => name.toLowerCase().replace(/(?:^|_)(\w)/g, (_, c: string) => c.toUpperCase());
  const ui = text
    .replace(/"EVENT_TYPE_(\w+)"/g, (_, name: string) => `"${camel(name)}"`)
    .replace(/"TASK_QUEUE_KIND_(\w+)"/g, (_, name: string) => `"${camel(name)}"`);
  expect(ui).toContain('"WorkflowExecutionStarted"');
  expect(writeHistory(readHistory(ui, 'a').history)).toBe(writeHistory(readHistory(text, 'a').history));
});

describe('refused, with what to do, is', () => {
  test.each([
    ['what is no JSON', 'event 1', { expected: 'JSON' }],
    ['what has no events', '{"a":1}', { expected: 'an object with a list of events' }],
    ['an empty history', '{"events":[]}', { got: 'none' }],
    [
      'a history without its beginning',
      changed(({ events }) => ({ events: events.slice(3) })),
      { got: 'event 4 where event 1 belongs' },
    ],
    [
      'a history with a hole',
      changed(({ events }) => ({ events: events.filter((_, index) => index !== 4) })),
      { got: 'event 6 where event 5 belongs' },
    ],
    [
      'an unknown kind of event',
      text.replace('EVENT_TYPE_WORKFLOW_TASK_STARTED', 'EVENT_TYPE_SOMETHING'),
      { got: 'another in event 3' },
    ],
    [
      'a field of the wrong kind',
      text.replace(/"scheduledEventId":"2"/, '"scheduledEventId":{"a":2}'),
      { expected: 'events as Temporal writes them' },
    ],
    [
      'an export with payloads as plain JSON',
      changed(({ events }) => {
        events[0]!['workflowExecutionStartedEventAttributes']!['input'] = { payloads: [{ pipeline: 'orders' }] };
      }),
      { got: expect.stringContaining('workflowExecutionStartedEventAttributes.input.payloads of event 1') },
    ],
    [
      'an export with payloads in the short form',
      changed(({ events }) => {
        events[0]!['workflowExecutionStartedEventAttributes']!['input'] = [{ pipeline: 'orders' }];
      }),
      { got: expect.stringContaining('workflowExecutionStartedEventAttributes.input of event 1') },
    ],
    [
      'an export with decoded data beside its encoding',
      changed(({ events }) => {
        events[0]!['workflowExecutionStartedEventAttributes']!['input'] = {
          payloads: [{ metadata: { encoding: 'json/plain' }, data: { pipeline: 'orders' } }],
        };
      }),
      { got: expect.stringContaining('decoded') },
    ],
    [
      'a decoded memo',
      changed(({ events }) => {
        events[0]!['workflowExecutionStartedEventAttributes']!['memo'] = { fields: { note: 'a note' } };
      }),
      { got: expect.stringContaining('memo.fields of event 1') },
    ],
  ])('%s', (_, written, details) => {
    expect(refusal(written)).toMatchObject({ code: 'InvalidHistory', object: 'a.json', ...details });
  });

  test("a dump of the client's objects", () => {
    const dump = JSON.stringify(readHistory(text, 'a').history);
    expect(refusal(dump)).toMatchObject({
      code: 'InvalidHistory',
      got: expect.stringContaining('JSON.stringify'),
      remedy: expect.stringContaining('writeHistory'),
    });
  });
});

test('values of a refused history are not told', () => {
  const told = JSON.stringify(refusal(text.replace(/"data":"[^"]+"/g, '"data":{"amount":"4711.23"}')));
  expect(told).toContain('InvalidHistory');
  expect(told).not.toContain('4711');
});
