// `npm start`: two real data sets, loaded twice, on servers of its own. With a terminal it stays, so that one can look
// around; without one it ends by itself.
import { createRequire } from 'node:module';
import { createClient } from 'loadline/client';
import { createWorker, installLogging, loadConfig } from 'loadline/workers';

const require = createRequire(import.meta.url);
const { startStack } = require('../dist/workers/embedded/stack.js');
const { renderReceipt } = require('../dist/cli/output.js');
const { stopSignal } = require('../dist/cli/stop-signal.js');
const { printError } = require('../dist/cli/print-error.js');
const { terminalOf } = require('../dist/cli/terminal.js');

const configFile = new URL('../examples/quickstart/loadline.config.ts', import.meta.url).pathname;
const loads = [
  { workflow: 'earthquakes', what: 'earthquakes.json (1,707 rows), merged by id', args: [] },
  {
    workflow: 'flights',
    what: 'flights-3m.parquet (3,000,000 rows), month by month',
    args: [{ start: '2001-01-01', end: '2001-08-01' }],
  },
];
const terminal = terminalOf(process, { json: false, verbose: false });
const say = (text) => terminal.result(null, () => text);

async function main() {
  installLogging({ level: 'ERROR' });
  const stop = stopSignal(say);
  say('Starting Temporal and PostgreSQL …');
  const { stateDir } = await loadConfig({ path: configFile });
  const stack = await startStack({ stateDir, onProgress: say });
  try {
    process.env.DATABASE_URL ??= stack.postgres.url;
    await withWorker(stack, async (client, config) => {
      for (const round of ['First', 'Second']) {
        say(`\n── ${round} run ${'─'.repeat(60)}`);
        for (const each of loads) await runOne(client, config, stack, each);
      }
      sayNext(stack);
      if (!process.stdout.isTTY) return;
      say('\nCtrl-C ends it.');
      await Promise.race([stop.asked, stack.failed]);
    });
  } finally {
    await stack.stop();
    stop.forget();
  }
}

async function withWorker(stack, body) {
  const { address, namespace } = stack.temporal;
  const config = await loadConfig({ path: configFile });
  const { worker, close } = await createWorker(config, { address, namespace });
  const running = worker.run();
  const client = await createClient(config, { address, namespace });
  try {
    await body(client, config);
  } finally {
    await client.close();
    if (worker.getState() === 'RUNNING') worker.shutdown();
    await running;
    await close();
  }
}

async function runOne(client, { taskQueue }, { temporal }, { workflow, what, args }) {
  say(`\n${what}`);
  const begun = Date.now();
  const handle = await client.temporal.workflow.start(workflow, {
    taskQueue,
    workflowId: `quickstart-${workflow}`,
    args,
    staticSummary: what,
  });
  const receipt = await handle.result();
  const run = handle.firstExecutionRunId;
  const uiUrl =
    temporal.uiUrl && `${temporal.uiUrl}/namespaces/${temporal.namespace}/workflows/${handle.workflowId}/${run}`;
  const extras = { elapsedMs: Date.now() - begun, ...(uiUrl && { uiUrl }) };
  terminal.result(receipt, (columns) => renderReceipt(receipt, extras, columns));
}

function sayNext({ temporal }) {
  say(`\n── What next ${'─'.repeat(58)}`);
  if (temporal.uiUrl) say(`Temporal UI    ${temporal.uiUrl}`);
  say('Your own file  npm run dev, then follow the README: "Your first pipeline"');
  say('Try to break it: kill this process in mid-load and start it again.');
}

main()
  .catch((error) => {
    printError(error, terminal);
    process.exitCode = 1;
  })
  .finally(() => process.exit());
