// A worker of the bare SDK with Loadline's activities, without its plugin and its workflows: `worker.mjs ADDRESS NAMESPACE`.
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { NativeConnection, Worker } from '@temporalio/worker';
import { installLogging, loadConfig } from 'loadline/workers';
import { bareTaskQueue } from './task-queue.mjs';

const require = createRequire(import.meta.url);
const { createActivities } = require('../../dist/activities/create-activities.js');
const { openDeps } = require('../../dist/workers/open-deps.js');
const { searchAttributesOf } = require('../../dist/workers/search-attributes.js');

const [address, namespace] = process.argv.slice(2);
const pathOf = (relative) => fileURLToPath(new URL(relative, import.meta.url));

installLogging({ level: 'WARN' });
const config = await loadConfig({ path: pathOf('../loadline.config.mjs') });
const deps = openDeps(config);
const connection = await NativeConnection.connect({ address });
const worker = await Worker.create({
  connection,
  namespace,
  taskQueue: bareTaskQueue,
  buildId: config.buildId,
  workflowsPath: pathOf('workflows.mjs'),
  activities: createActivities({ ...deps, searchAttributes: searchAttributesOf(connection, namespace) }),
  shutdownGraceTime: '10s',
  shutdownForceTime: '30s',
});
const running = worker.run();
process.stderr.write('polling\n');
await running;
await deps.close();
await connection.close();
process.exit();
