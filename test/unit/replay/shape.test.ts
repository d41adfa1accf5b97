import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadDataConverter } from '@temporalio/common/lib/internal-non-workflow';
import { readHistory, sampleHistories, type NamedHistory } from '../../../workers/replay';
import { shapeOf } from '../../../workers/replay/shape';

const folder = join(__dirname, '..', '..', 'histories', '0.1.0');
const names = readdirSync(folder).filter((name) => name.endsWith('.json'));
const textOf = (name: string): string => readFileSync(join(folder, name), 'utf8');
const loaded = textOf('protocol-1.loaded.json');
const held = textOf('protocol-1.held-and-released.json');
const shape = (text: string): Promise<string> => shapeOf(readHistory(text, 'a'), loadDataConverter());

/** The same history with other values in what is base64. */
function withValue(text: string, before: string, after: string): string {
  let found = 0;
  const changed = text.replace(/"data":"([A-Za-z0-9+/=]+)"/g, (whole, data: string) => {
    const clear = Buffer.from(data, 'base64').toString();
    if (!clear.includes(before)) return whole;
    found++;
    return `"data":"${Buffer.from(clear.replaceAll(before, after)).toString('base64')}"`;
  });
  if (found === 0) throw new Error(`No payload holds ${before}.`);
  return changed;
}

test('another day, another file and another run have the same shape', async () => {
  const same = await shape(loaded);
  expect(await shape(withValue(loaded, '2026-01-0', '2026-02-0'))).toBe(same);
  expect(await shape(withValue(loaded, 'loaded.csv', 'other.csv'))).toBe(same);
  expect(await shape(loaded.replace(/"workflowId":"[^"]+"/, '"workflowId":"other"'))).toBe(same);
});

test.each([
  ['pipeline', () => withValue(loaded, '"pipeline":"loaded"', '"pipeline":"other"')],
  ['protocol', () => withValue(loaded, '"protocol":1', '"protocol":2')],
  ['mode', () => withValue(loaded, '"mode":"merge"', '"mode":"insert-only"')],
  ['length of the interval', () => withValue(loaded, '2026-01-02T', '2026-01-03T')],
  ['activity', () => loaded.replace('"loadline.audit"', '"loadline.audit2"')],
  ['workflow type', () => loaded.replace('"name":"loadTable"', '"name":"other"')],
])('another %s is another shape', async (_, change) => {
  expect(await shape(change())).not.toBe(await shape(loaded));
});

test('a timer of another written length is another shape, one that was computed is not', async () => {
  const length = /"startToFireTimeout":"([^"]+)"/.exec(held)![1]!;
  const withLength = (text: string) =>
    shape(held.replace(`"startToFireTimeout":"${length}"`, `"startToFireTimeout":"${text}"`));
  expect(await withLength('86400s')).not.toBe(await withLength('172800s'));
  expect(await withLength('70001.234s')).toBe(await withLength('71234.567s'));
});

test('the order of the flags that Core has used is no shape, since it has none', async () => {
  const flags = (text: string): string =>
    loaded.replace(/("workflowTaskCompletedEventAttributes":\{)/, `$1"sdkMetadata":{"coreUsedFlags":[${text}]},`);
  expect(flags('3,1,2')).not.toBe(flags('1,2,3'));
  expect(await shape(flags('3,1,2'))).toBe(await shape(flags('1,2,3')));
  expect(await shape(flags('1,2'))).not.toBe(await shape(flags('1,2,3')));
});

test('a workflow task that timed out and was tried again is no shape', async () => {
  const history = JSON.parse(loaded) as { events: Record<string, unknown>[] };
  const at = history.events.map(({ eventType }) => eventType).lastIndexOf('EVENT_TYPE_WORKFLOW_TASK_STARTED');
  const [scheduled, started] = history.events.slice(at - 1, at + 1);
  const timedOut = { ...started, eventType: 'EVENT_TYPE_WORKFLOW_TASK_TIMED_OUT', workflowTaskStartedEventAttributes: undefined, workflowTaskTimedOutEventAttributes: {} }; // prettier-ignore
  history.events.splice(at + 1, 0, timedOut, { ...scheduled }, { ...started });
  history.events.forEach((event, i) => (event['eventId'] = String(i + 1)));
  expect(await shape(JSON.stringify(history))).toBe(await shape(loaded));
});

test('a step more is another shape: nothing is collapsed', async () => {
  const shapes = await Promise.all(names.map((name) => shape(textOf(name))));
  const pathsOf = new Map(shapes.map((one, index) => [one, names[index]]));
  // The paths are named after what they do, which for some is the same with another reason.
  expect(pathsOf.size).toBeGreaterThanOrEqual(names.length - 2);
});

test('a sample holds the newest of each shape and counts all', async () => {
  const at = (day: number): NamedHistory => {
    const history = readHistory(loaded.replaceAll('2026-11-22T', `2026-11-${10 + day}T`), `day ${day}`);
    return history;
  };
  const other = readHistory(held, 'held');
  const sample = await sampleHistories([at(3), at(1), other, at(9), at(5), at(7)], { perShape: 2 });
  expect(sample).toMatchObject({ seen: 6, shapes: 2, types: new Map([['loadTable', 6]]) });
  expect(sample.histories.map(({ name }) => name)).toEqual(['day 9', 'day 7', 'held']);
});
