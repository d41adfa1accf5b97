import { Client, Connection } from '@temporalio/client';
import { failed, type Finding } from './finding';
import { elapsed, instant } from './format';
import { lazyConfig, lazySweepSchedule } from './lazy';
import { polling } from './polling-workers';
import {
  addSearchAttributes,
  searchAttributeFlags,
  searchAttributeNames,
  searchAttributeState,
} from './search-attributes';
import type { CliContext } from './cli-context';
import type { ResolvedConfig } from '../workers/config';

/** The server, the namespace, its search attributes, and a worker that polls. */
export async function checkTemporal(config: ResolvedConfig, context: CliContext): Promise<Finding[]> {
  const opened = await open(context);
  if ('finding' in opened) return [opened.finding];
  const { connection, address, namespace } = opened;
  const server: Finding = { check: 'Temporal', ok: true, found: address };
  const known = await namespaceFinding(connection, namespace);
  if (!known.ok) return [server, known];
  const client = new Client({ connection, namespace });
  return [
    server,
    known,
    await attributesFinding(connection, namespace),
    await workerFinding(client, config.taskQueue),
    await sweeperFinding(client, config.taskQueue),
  ];
}

type Opened = { connection: Connection; address: string; namespace: string } | { finding: Finding };

async function open(context: CliContext): Promise<Opened> {
  try {
    const { connectionOptions, namespace } = await context.temporal();
    const { address } = connectionOptions;
    const connect = (): Promise<Connection> => Connection.connect({ ...connectionOptions, connectTimeout: '5s' });
    const connection = await lazyConfig().reachTemporal(address, connect);
    context.onClose(() => connection.close());
    return { connection, address, namespace };
  } catch (error) {
    return { finding: failed('Temporal', error) };
  }
}

async function namespaceFinding(connection: Connection, namespace: string): Promise<Finding> {
  const check = 'namespace';
  try {
    await connection.workflowService.describeNamespace({ namespace });
    return { check, ok: true, found: namespace };
  } catch (error) {
    const remedy = `Correct --namespace, or run: temporal operator namespace create --namespace ${namespace}`;
    return { ...failed(check, error), remedy };
  }
}

async function attributesFinding(connection: Connection, namespace: string): Promise<Finding> {
  const check = 'search attributes';
  try {
    const { missing, mistyped } = await searchAttributeState(connection, namespace);
    if (mistyped.length > 0) {
      const remedy = `Run: temporal operator search-attribute remove ${mistyped.map((name) => `--name ${name}`).join(' ')}; then loadline doctor --fix.`;
      return { check, ok: false, found: `of another type than ours: ${mistyped.join(', ')}`, remedy };
    }
    if (missing.length === 0) return { check, ok: true, found: 'registered' };
    const remedy = `Run: temporal operator search-attribute create ${missing.map(searchAttributeFlags).join(' ')}`;
    const fix = (): Promise<void> => addSearchAttributes(connection, namespace, missing);
    return {
      check,
      ok: false,
      found: `missing: ${missing.join(', ')}; loads work, but cannot be searched for`,
      remedy,
      fix,
    };
  } catch (error) {
    return {
      ...failed(check, error),
      remedy: `Ask who runs the namespace to run: temporal operator search-attribute create ${searchAttributeNames.map(searchAttributeFlags).join(' ')}`,
    };
  }
}

async function workerFinding(client: Client, taskQueue: string): Promise<Finding> {
  const check = 'worker';
  try {
    const { workers, current, waits } = await polling(client, taskQueue);
    const found = `${workers} polling the task queue ${taskQueue}${current === null ? '' : `, current is ${current}`}`;
    if (waits)
      return {
        check,
        ok: false,
        found: `${found}; no build is current, so runs wait`,
        remedy: 'Run `loadline deploy`.',
      };
    return { check, ok: workers > 0, found, remedy: 'Start `loadline worker` or `loadline dev`.' };
  } catch (error) {
    return failed(check, error);
  }
}

/** Loads drop their own stages; those that a crash has left wait for the sweeper. */
async function sweeperFinding(client: Client, taskQueue: string): Promise<Finding> {
  const check = 'sweeper';
  const remedy = 'Run: loadline loads sweep --every 1h; or run loadline loads sweep now and then.';
  try {
    const found = await lazySweepSchedule().sweepSchedule(client, taskQueue);
    if (!found) return { check, ok: false, optional: true, found: 'no schedule drops what crashes leave', remedy };
    const { scheduleId, everyMs, paused, lastAt } = found;
    const last = lastAt === null ? 'not run yet' : `last at ${instant(lastAt)}`;
    const text = `${scheduleId}, every ${elapsed(everyMs)}, ${last}`;
    if (!paused) return { check, ok: true, found: text };
    const unpause = `Run: temporal schedule toggle --unpause --schedule-id '${scheduleId}'`;
    return { check, ok: false, optional: true, found: `${text}, paused`, remedy: unpause };
  } catch (error) {
    return { ...failed(check, error), optional: true };
  }
}
