import { ActivityCancellationType, type ActivityOptions } from '@temporalio/workflow';
import type { LoadActivities } from './contract';

/**
 * How long each activity may take and how it is tried again. Which failures are tried again is not decided here but
 * in `loadErrors`. A step that works on rows has a heartbeat: a worker that died is noticed within it.
 */
const untilDone = { initialInterval: '1s', backoffCoefficient: 2, maximumInterval: '30s' } as const;
const working = {
  heartbeatTimeout: '30s',
  retry: untilDone,
  // The SDK's default reports a cancelled activity as ended while it still works: a publish could commit unseen.
  cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
} as const;

export const activityOptions: { readonly [A in keyof LoadActivities]: ActivityOptions } = {
  'loadline.openLoad': { ...working, startToCloseTimeout: '5m' },
  'loadline.extract': { ...working, startToCloseTimeout: '12h' },
  'loadline.stage': { ...working, startToCloseTimeout: '24h' },
  'loadline.audit': { ...working, startToCloseTimeout: '12h' },
  'loadline.publish': { ...working, startToCloseTimeout: '12h' },
  'loadline.hold': { ...working, heartbeatTimeout: '1m', startToCloseTimeout: '1m' },
  'loadline.reject': { ...working, heartbeatTimeout: '1m', startToCloseTimeout: '1m' },
  'loadline.settle': { ...working, heartbeatTimeout: '1m', startToCloseTimeout: '1m' },
  'loadline.discard': { ...working, heartbeatTimeout: '1m', startToCloseTimeout: '1m' },
  'loadline.sweep': { ...working, startToCloseTimeout: '1h' },
  'loadline.writeQuarantined': { ...working, startToCloseTimeout: '12h' },
  'loadline.writeCanary': { ...working, startToCloseTimeout: '5m' },
  'loadline.inspectCanary': { ...working, startToCloseTimeout: '10m' },
  'loadline.removeCanary': { ...working, startToCloseTimeout: '5m' },
  'loadline.intervalOf': { startToCloseTimeout: '30s', retry: untilDone },
};
