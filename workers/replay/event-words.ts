import { temporal } from '@temporalio/proto';
import type { ToldCommand } from '../../workflows/replay-probe';

type HistoryEvent = temporal.api.history.v1.IHistoryEvent;

/** A command, as a history has it or as the code makes it. */
export interface Command {
  readonly kind: string;
  readonly id?: string | undefined;
  readonly type?: string | undefined;
}

/** `ActivityTaskScheduled`, as the Temporal UI calls it. */
export function eventName({ eventType }: Pick<HistoryEvent, 'eventType'>): string {
  const name = temporal.api.enums.v1.EventType[eventType ?? 0] ?? '';
  return name
    .replace(/^EVENT_TYPE_/, '')
    .toLowerCase()
    .replace(/(?:^|_)(\w)/g, (_, letter: string) => letter.toUpperCase());
}

/** The command that an event comes of; `undefined` for events that come of none, or of what the SDK adds by itself. */
export function commandOf(event: HistoryEvent): Command | undefined {
  const activity = event.activityTaskScheduledEventAttributes;
  if (activity)
    return { kind: 'scheduleActivity', id: activity.activityId ?? '', type: activity.activityType?.name ?? '' };
  const timer = event.timerStartedEventAttributes;
  if (timer) return { kind: 'startTimer', id: timer.timerId ?? '' };
  const child = event.startChildWorkflowExecutionInitiatedEventAttributes;
  if (child)
    return { kind: 'startChildWorkflowExecution', id: child.workflowId ?? '', type: child.workflowType?.name ?? '' };
  const plain = plainCommands.find(([attributes]) => event[attributes]);
  return plain && { kind: plain[1] };
}

const plainCommands = [
  ['signalExternalWorkflowExecutionInitiatedEventAttributes', 'signalExternalWorkflowExecution'],
  ['requestCancelExternalWorkflowExecutionInitiatedEventAttributes', 'requestCancelExternalWorkflowExecution'],
  ['upsertWorkflowSearchAttributesEventAttributes', 'upsertWorkflowSearchAttributes'],
  ['workflowPropertiesModifiedEventAttributes', 'modifyWorkflowProperties'],
  ['nexusOperationScheduledEventAttributes', 'scheduleNexusOperation'],
  ['workflowExecutionCompletedEventAttributes', 'completeWorkflowExecution'],
  ['workflowExecutionFailedEventAttributes', 'failWorkflowExecution'],
  ['workflowExecutionContinuedAsNewEventAttributes', 'continueAsNewWorkflowExecution'],
] as const satisfies readonly (readonly [keyof HistoryEvent, string])[];

/** The kinds of {@link commandOf}: others have no event, or one that may stand elsewhere. */
export const comparedKinds: readonly string[] = [
  'scheduleActivity',
  'startTimer',
  'startChildWorkflowExecution',
  ...plainCommands.map(([, kind]) => kind),
];

/** `ActivityTaskScheduled loadline.stage, event 11`. */
export function eventText(event: HistoryEvent): string {
  const { type } = commandOf(event) ?? {};
  return `${[eventName(event), type].filter(Boolean).join(' ')}, event ${Number(event.eventId)}`;
}

const words: Readonly<Record<string, string>> = {
  scheduleActivity: 'the activity',
  startTimer: 'a timer',
  startChildWorkflowExecution: 'the child workflow',
  signalExternalWorkflowExecution: 'the signal',
  requestCancelExternalWorkflowExecution: 'the cancelling of another workflow',
  upsertWorkflowSearchAttributes: 'search attributes that are set',
  modifyWorkflowProperties: 'a memo that is set',
  scheduleNexusOperation: 'a Nexus operation',
  completeWorkflowExecution: 'the end of the workflow',
  failWorkflowExecution: 'the failure of the workflow',
  continueAsNewWorkflowExecution: 'a continue-as-new',
};

/** `the activity loadline.audit`. */
export function commandText({ kind, type }: Pick<ToldCommand, 'kind' | 'type'>): string {
  return [words[kind] ?? kind, type].filter(Boolean).join(' ');
}
