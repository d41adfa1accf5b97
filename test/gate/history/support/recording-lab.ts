import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { NativeConnection, Worker } from '@temporalio/worker';
import {
  openRecorder,
  recordHistory,
  type EventJson,
  type OpenedRecorder,
  type RecordedHistory,
} from '../../../../workers/history';
import { loadline } from '../../../../workers/plugin';
import { bundleForReplay, readHistory, replayHistories, writeHistory, type Divergence, type ReplayBundle } from '../../../../workers/replay'; // prettier-ignore
import { openLab, type Lab } from '../../../integration/support/lab';
import { services } from '../../../services/services';
import { changedBundle, type Change } from '../../replay/support/changed-bundle';
import * as activities from './activities';
import type { DailyInput } from './workflows';

/** A worker with the pipelines of `workflows.ts`, and what their runs are recorded with. */
export interface RecordingLab {
  readonly lab: Lab;
  readonly recorder: OpenedRecorder;
  readonly input: DailyInput;
  start(workflow: string, input?: Partial<DailyInput>): Promise<string>;
  /** Runs a workflow to its end, and names it. */
  ran(workflow: string, input?: Partial<DailyInput>): Promise<string>;
  eventsOf(workflowId: string): Promise<EventJson[]>;
  record(workflowId: string, keep?: readonly string[]): Promise<RecordedHistory>;
  /** What the code here, or the changed code, says of a history. */
  verdict(text: string, code?: 'same' | 'changed'): Promise<readonly Divergence[]>;
  stop(): Promise<void>;
}

/** What a run is told that its file must not tell. */
export const input: DailyInput = {
  day: '2026-11-22',
  region: 'nordwest',
  owner: 'ann@acme.example',
  token: 'hunter2-hunter2',
  export: '/srv/exports/plans.csv',
};

const root = join(__dirname, '..', '..', '..', '..');
const ownWorkflows = 'test/gate/history/support/workflows.ts';
const loadDay = "const loadDay = (input: DailyInput, pipeline = 'daily'): Promise<LoadReceipt> =>";
/** A careless change: each waits once more before it loads. The preflight asks for `loadTable`. */
const waitsFirst: Change = [
  ownWorkflows,
  loadDay,
  `export { loadTable } from '../../../../workflows';
${loadDay}
  sleep('1 minute').then(() => loadNow(input, pipeline));
const loadNow = (input: DailyInput, pipeline: string): Promise<LoadReceipt> =>`,
];

export async function openRecordingLab(name: string): Promise<RecordingLab> {
  const lab = await openLab(name);
  lab.contract({ name: 'orders', columns: { id: { type: 'integer' }, name: { type: 'text' } }, key: ['id'], create: 'if-missing' }); // prettier-ignore
  await lab.file('2026-11-22/nordwest-1.csv', 'id,name\n1,Marguerite\n');
  await lab.file('2026-11-22/EMEA-1.csv', 'id,name\n1,Marguerite\n');
  const same = await bundleForReplay({ ...lab.config, workflowsPath: join(root, ownWorkflows) });
  let changed: Promise<ReplayBundle> | undefined;
  const bundles = { same: () => same, changed: () => (changed ??= changedBundle([waitsFirst], { of: ownWorkflows })) };
  const connection = await NativeConnection.connect({ address: services().temporalAddress });
  const taskQueue = `${name}-own-${randomUUID()}`;
  const worker = await Worker.create({
    connection,
    taskQueue,
    workflowBundle: same,
    activities,
    plugins: [loadline(lab.config)],
    shutdownGraceTime: '1s',
  });
  const running = worker.run();
  const recorder = await openRecorder(lab.config, { bundle: same });
  const recording: RecordingLab = {
    lab,
    recorder,
    input,
    async start(workflow, more = {}) {
      const workflowId = `${workflow}-${randomUUID()}`;
      await lab.client.workflow.start(workflow, { taskQueue, workflowId, args: [{ ...input, ...more }] });
      return workflowId;
    },
    async ran(workflow, more) {
      const workflowId = await recording.start(workflow, more);
      await lab.client.workflow.getHandle(workflowId).result();
      return workflowId;
    },
    async eventsOf(workflowId) {
      const history = await lab.client.workflow.getHandle(workflowId).fetchHistory();
      return (JSON.parse(writeHistory(history)) as { events: EventJson[] }).events;
    },
    record: async (workflowId, keep = []) =>
      recordHistory({ workflowId, events: await recording.eventsOf(workflowId) }, { ...recorder, keep }),
    async verdict(text, code = 'same') {
      for await (const { divergences } of replayHistories(await bundles[code](), [readHistory(text, 'a file')]))
        return divergences;
      throw new Error('There is no verdict.');
    },
    async stop() {
      worker.shutdown();
      await running;
      await Promise.all([recorder.close(), connection.close()]);
      await lab.stop();
    },
  };
  return recording;
}

/** Everything that a text of a history tells: its JSON, and each payload in clear. */
export function toldBy(text: string): string {
  const clear = [...text.matchAll(/"data":\s*"([A-Za-z0-9+/=]+)"/g)].map(([, data]) => Buffer.from(data!, 'base64').toString()); // prettier-ignore
  return [text, ...clear].join('\n');
}
