// A load as one writes it by hand on the bare SDK: the same activities in a row, and nothing else.
import { proxyActivities } from '@temporalio/workflow';

const activities = proxyActivities({ startToCloseTimeout: '10m', heartbeatTimeout: '30s' });

export async function bareLoad(request) {
  const { open } = await activities['loadline.openLoad']({
    requests: [request],
    nominalTime: new Date().toISOString(),
  });
  const { batch } = await activities['loadline.extract']({ open, index: 0 });
  const stage = await activities['loadline.stage']({ open, index: 0, batch });
  const audited = await activities['loadline.audit']({ open, stage });
  return activities['loadline.publish']({ open, stages: [audited] });
}
