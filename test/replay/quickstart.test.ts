import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { loadConfig } from '../../workers/config';
import { bundleForReplay, readHistory, replayHistories } from '../../workers/replay';
import { installQuietRuntime } from '../gate/replay/support/recorded';

installQuietRuntime();

const quickstart = join(__dirname, '..', '..', 'examples', 'quickstart');
const folder = join(quickstart, 'histories');

test("the quickstart's recorded runs fit its workflows, as its gate in CI finds", async () => {
  const files = readdirSync(folder, { recursive: true }).map(String).filter((name) => name.endsWith('.json')).sort(); // prettier-ignore
  const histories = files.map((name) => readHistory(readFileSync(join(folder, name), 'utf8'), name));
  const config = await loadConfig({ path: join(quickstart, 'loadline.config.ts') });
  const verdicts: unknown[] = [];
  for await (const verdict of replayHistories(await bundleForReplay(config), histories)) verdicts.push(verdict);
  expect(verdicts).toEqual(files.map((name) => expect.objectContaining({ name, divergences: [] })));
  expect(new Set(histories.map(({ workflowType }) => workflowType))).toEqual(new Set(['earthquakes', 'flights']));
}, 120_000);
