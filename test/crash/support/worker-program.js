'use strict';
/**
 * A worker of the crash tests: the built package, with its statements watched. Takes its task as JSON in argv; writes
 * what happens, synchronously, to a file of lines that outlives it.
 */
const { openSync, writeSync } = require('node:fs');
const { join } = require('node:path');
const { DefaultLogger, Runtime } = require('@temporalio/worker');
const { patchStatements } = require('./failpoints');

const task = JSON.parse(process.argv[2]);
const file = openSync(task.logFile, 'a');
const tell = (line) => writeSync(file, `${JSON.stringify({ at: Date.now(), ...line })}\n`);

const resumed = () => new Promise((go) => process.once('message', go));
patchStatements(task.failpoints, tell, resumed);

Runtime.install({
  logger: new DefaultLogger('INFO', ({ level, message, meta = {} }) => {
    const { workflowId, activityType, attempt } = meta;
    tell({ kind: 'log', level, message, workflowId, activity: activityType, attempt });
  }),
  telemetryOptions: { logging: { filter: { core: 'ERROR', other: 'ERROR' }, forward: {} } },
});

async function main() {
  const built = join(__dirname, '..', '..', '..', 'dist', 'workers');
  const { createWorker } = require(join(built, 'create-worker'));
  const { resolveConfig } = require(join(built, 'config'));
  const config = await resolveConfig(task.config, task.configFile, null);
  const { worker, close } = await createWorker(config, {
    worker: {
      workflowBundle: { codePath: task.bundle },
      // No sticky queue: what a dead worker had cached would be waited for.
      maxCachedWorkflows: 0,
      maxConcurrentActivityTaskExecutions: task.activities,
      maxConcurrentWorkflowTaskPolls: 2,
      maxConcurrentActivityTaskPolls: 2,
      maxHeartbeatThrottleInterval: '1s',
    },
  });
  process.on('message', (message) => message === 'stop' && worker.shutdown());
  process.on('disconnect', () => worker.shutdown());
  const running = worker.run();
  tell({ kind: 'ready' });
  process.send?.('ready');
  await running;
  await close();
}

main().then(
  () => process.exit(0),
  (error) => {
    tell({ kind: 'failed', message: String(error?.stack ?? error) });
    process.exit(1);
  },
);
