import {
  proxySinks,
  type Headers,
  type Sinks,
  type WorkflowInterceptors,
  type WorkflowInternalsInterceptor,
} from '@temporalio/workflow';

/**
 * What the gate listens with: tells what workflow code asks for when a history is replayed, which the SDK does not
 * compare. In a worker it does nothing: only a history whose start carries the header below is told about.
 *
 * @module
 */

/** The header of a start event that has a replay told about. */
export const probeHeader = 'loadline-replay';

/**
 * How much is told. `inputs`: what `openLoad` is asked and how long timers are. `trace`: every command, and the stack of the
 * call that made it. `types`: as `inputs`, and first which workflows there are.
 */
export type ProbeMode = 'inputs' | 'trace' | 'types';

/** An encoded value as the SDK's payload converter makes it. */
export interface ToldPayload {
  readonly metadata?: Readonly<Record<string, Uint8Array>> | null;
  readonly data?: Uint8Array | null;
}

/** One command of workflow code. */
export interface ToldCommand {
  /** The name of the command, such as `scheduleActivity`. */
  readonly kind: string;
  /** The id that the command's event has in history, where it has one. */
  readonly id?: string;
  /** The type of the activity or child, the name of a patch or signal. */
  readonly type?: string;
  readonly input?: readonly ToldPayload[];
  readonly durationMs?: number;
  readonly stack?: string;
}

/** Where the commands go. */
export interface ProbeSinks extends Sinks {
  readonly loadlineReplay: {
    commands(commands: readonly ToldCommand[]): void;
    types(names: readonly string[]): void;
  };
}

type Conclusion = Parameters<NonNullable<WorkflowInternalsInterceptor['concludeActivation']>>[0];
type Command = Conclusion['commands'][number];

const { loadlineReplay } = proxySinks<ProbeSinks>();

/** Called by the SDK for each run. */
export function interceptors(): WorkflowInterceptors {
  let mode: ProbeMode | undefined;
  const stacks = new Map<string, string>();
  const keepStack =
    <I extends { readonly seq: number }, R>(kind: string) =>
    (input: I, next: (input: I) => R): R => {
      if (mode === 'trace') stacks.set(`${kind} ${input.seq}`, new Error().stack ?? '');
      return next(input);
    };
  return {
    inbound: [
      {
        execute(input, next) {
          mode = modeIn(input.headers);
          if (mode === 'types') loadlineReplay.types(workflowTypes());
          return next(input);
        },
      },
    ],
    outbound: [
      {
        scheduleActivity: keepStack('scheduleActivity'),
        scheduleLocalActivity: keepStack('scheduleLocalActivity'),
        startTimer: keepStack('startTimer'),
        startChildWorkflowExecution: keepStack('startChildWorkflowExecution'),
        signalWorkflow: keepStack('signalExternalWorkflowExecution'),
      },
    ],
    internals: [
      {
        concludeActivation(input, next) {
          if (mode !== undefined) tell(input.commands, mode, stacks);
          return next(input);
        },
      },
    ],
  };
}

function modeIn(headers: Headers): ProbeMode | undefined {
  const data = headers[probeHeader]?.data;
  if (!data) return undefined;
  const text = String.fromCharCode(...data);
  return text === 'trace' || text === 'types' ? text : 'inputs';
}

/** The SDK's own global, through which it finds the workflows of a bundle. */
function workflowTypes(): string[] {
  const bundle = (globalThis as { __TEMPORAL__?: { importWorkflows?(): Readonly<Record<string, unknown>> } })
    .__TEMPORAL__;
  return Object.entries(bundle?.importWorkflows?.() ?? {}).flatMap(([name, value]) =>
    typeof value === 'function' ? [name] : [],
  );
}

function tell(commands: readonly Command[], mode: ProbeMode, stacks: ReadonlyMap<string, string>): void {
  // What is started and cancelled in one task never reaches history.
  const cancelled = new Set(commands.flatMap(({ cancelTimer }) => (cancelTimer ? [cancelTimer.seq] : [])));
  const made = commands.filter(({ startTimer }) => !startTimer || !cancelled.has(startTimer.seq));
  const told = made.flatMap((command) => toldOf(command, mode, stacks));
  if (told.length > 0) loadlineReplay.commands(told);
}

function toldOf(command: Command, mode: ProbeMode, stacks: ReadonlyMap<string, string>): ToldCommand[] {
  const { scheduleActivity: activity, startTimer: timer } = command;
  if (activity && (mode === 'trace' || activity.activityType === 'loadline.openLoad'))
    return [
      {
        ...withStack('scheduleActivity', activity.seq, stacks),
        id: activity.activityId ?? String(activity.seq),
        type: activity.activityType ?? '',
        ...(activity.activityType === 'loadline.openLoad' ? { input: activity.arguments ?? [] } : {}),
      },
    ];
  if (timer) {
    const { seconds, nanos } = timer.startToFireTimeout ?? {};
    const durationMs = Number(seconds ?? 0) * 1000 + (nanos ?? 0) / 1e6;
    return [{ ...withStack('startTimer', timer.seq, stacks), id: String(timer.seq), durationMs }];
  }
  return mode === 'trace' ? otherCommand(command, stacks) : [];
}

function otherCommand(command: Command, stacks: ReadonlyMap<string, string>): ToldCommand[] {
  const [kind] = Object.entries(command).find(([, value]) => typeof value === 'object' && value !== null) ?? [];
  if (kind === undefined) return [];
  const { seq, workflowId, workflowType, patchId, signalName, activityType } = command[
    kind as keyof Command
  ] as Readonly<Record<string, unknown>>;
  const id = workflowId ?? patchId ?? seq;
  const type = workflowType ?? patchId ?? signalName ?? activityType;
  return [
    {
      ...withStack(kind, seq, stacks),
      ...(id === undefined ? {} : { id: String(id) }),
      ...(typeof type === 'string' ? { type } : {}),
    },
  ];
}

function withStack(
  kind: string,
  seq: unknown,
  stacks: ReadonlyMap<string, string>,
): Pick<ToldCommand, 'kind' | 'stack'> {
  const stack = stacks.get(`${kind} ${String(seq)}`);
  return { kind, ...(stack === undefined ? {} : { stack }) };
}
