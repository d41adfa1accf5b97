import { readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { quietRuntime } from '../../../cli/replay/quiet-runtime';
import { resolveConfig } from '../../../workers/config';
import { openRecorder, recordHistory, type EventJson, type OpenedRecorder } from '../../../workers/history';
import { bundleForReplay, readHistory, replayHistories, type ReplayBundle } from '../../../workers/replay';
import { testWorkflowsPath } from '../../integration/support/workflow-bundle';
import { toldBy } from './support/recording-lab';

const folder = join(__dirname, '..', '..', 'histories');
const names = readdirSync(folder, { recursive: true }).map(String).filter((name) => name.endsWith('.json')).sort(); // prettier-ignore
const originals = new Map(names.map((name) => [name, readFileSync(join(folder, name), 'utf8')]));

let bundle: ReplayBundle;
let recorder: OpenedRecorder;
const closers: (() => Promise<void>)[] = [];
beforeAll(async () => {
  quietRuntime({ onClose: (close) => void closers.push(close) });
  const written = { warehouses: {}, stores: {}, contracts: [], state: 'state' };
  const config = await resolveConfig(written, join(tmpdir(), 'loadline.config.ts'), null);
  bundle = await bundleForReplay({ ...config, workflowsPath: testWorkflowsPath });
  recorder = await openRecorder(config, { bundle });
}, 60_000);
afterAll(async () => {
  await recorder.close();
  for (const close of closers) await close();
});

async function verdicts(code: string, texts: ReadonlyMap<string, string>): Promise<Map<string, unknown>> {
  const found = new Map<string, unknown>();
  const histories = [...texts].map(([name, text]) => readHistory(text, name));
  for await (const { name, divergences } of replayHistories({ code }, histories)) found.set(name, divergences);
  return found;
}

test('every path of every protocol is redacted, and is found good and bad exactly as it was', async () => {
  const redacted = new Map<string, string>();
  for (const [name, text] of originals) {
    const { workflowId } = readHistory(text, name);
    const { events } = JSON.parse(text) as { events: EventJson[] };
    const recorded = await recordHistory({ workflowId, events }, recorder);
    expect([name, recorded.needed, recorded.redacted > 0]).toEqual([name, [], true]);
    redacted.set(name, recorded.text);
  }
  const good = await verdicts(bundle.code, redacted);
  expect([...good].filter(([, divergences]) => (divergences as unknown[]).length > 0)).toEqual([]);
  // Another activity, and another timer, in the bundle itself.
  const changes: readonly (readonly [before: string, after: string])[] = [
    [`'loadline.publish'`, `'loadline.publish2'`],
    ['}, forMs);', '}, forMs * 2);'],
  ];
  for (const [before, after] of changes) {
    const code = bundle.code.replaceAll(before, after);
    expect(code).not.toBe(bundle.code);
    const red = await verdicts(code, originals);
    expect([...red.values()].some((divergences) => (divergences as unknown[]).length > 0)).toBe(true);
    expect(await verdicts(code, redacted)).toEqual(red);
  }
});

test('who decided and why, and what a check found, are not told', async () => {
  const name = names.find((one) => one.endsWith('held-and-released.json'))!;
  const text = originals.get(name)!;
  const { events } = JSON.parse(text) as { events: EventJson[] };
  const { text: redacted } = await recordHistory({ workflowId: 'held', events }, recorder);
  for (const told of ['"by":"ann"', 'known fault', '2 or more', 'released.csv']) {
    expect([told, toldBy(text).includes(told)]).toEqual([told, true]);
    expect([told, toldBy(redacted).includes(told)]).toEqual([told, false]);
  }
});
