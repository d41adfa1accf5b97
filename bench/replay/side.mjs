// One side of a case, in a process of its own: reads the files of a folder and replays them. Prints the time and what was found.
import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';

const require = createRequire(import.meta.url);
const { DefaultLogger, Runtime, Worker } = require('@temporalio/worker');
const [, , side, folder, bundlePath, count] = process.argv;
const nothing = () => undefined;
Runtime.install({
  logger: new DefaultLogger('ERROR', nothing),
  telemetryOptions: { logging: { filter: 'off', forward: {} } },
});
const files = readdirSync(folder).sort().slice(0, Number(count));
const code = readFileSync(bundlePath, 'utf8');
const texts = function* () {
  for (const file of files) yield [file, readFileSync(join(folder, file), 'utf8')];
};

const sides = {
  async bare() {
    const { historyFromJSON } = require('@temporalio/common/lib/proto-utils');
    const histories = (function* () {
      for (const [workflowId, text] of texts()) yield { workflowId, history: historyFromJSON(JSON.parse(text)) };
    })();
    let replayed = 0;
    for await (const { error } of Worker.runReplayHistories({ workflowBundle: { code } }, histories)) {
      if (error) throw error;
      replayed++;
    }
    return { replayed };
  },
  loadline: () => judge(read()),
  async sampled() {
    const { sampleHistories } = require('../../dist/workers/replay');
    const { histories, seen, shapes } = await sampleHistories(read());
    return { ...(await judge(histories)), seen, shapes };
  },
};

function* read() {
  const { readHistory } = require('../../dist/workers/replay');
  for (const [file, text] of texts()) yield readHistory(text, file);
}

async function judge(histories) {
  const { replayHistories } = require('../../dist/workers/replay');
  const findings = new Set();
  let replayed = 0;
  for await (const { workflowType, divergences } of replayHistories({ code }, histories)) {
    replayed++;
    for (const { code: kind, expected, got } of divergences)
      findings.add([kind, workflowType, expected?.replace(/event \d+/, 'event'), got].join(' '));
  }
  return { replayed, findings: [...findings].sort() };
}

const begun = performance.now();
const result = await sides[side]();
process.stdout.write(JSON.stringify({ ms: performance.now() - begun, ...result }));
