import { proxyActivities } from '@temporalio/workflow';
import { files, interval, load, type LoadReceipt } from 'loadline/workflows';
import type * as activities from '../activities';

const { readEarthquakes } = proxyActivities<typeof activities>({
  startToCloseTimeout: '10 minutes',
  heartbeatTimeout: '30 seconds',
});

/** Earthquakes come as GeoJSON: an activity of our own turns them into rows, the load merges them by their id. */
export async function earthquakes(): Promise<LoadReceipt> {
  const batch = await readEarthquakes();
  return load({ pipeline: 'earthquakes', into: 'earthquakes', mode: 'merge', from: batch });
}

/** Flights come as Parquet: the months of the interval hold exactly this file afterwards. */
export async function flights(input: { start: string; end: string }): Promise<LoadReceipt> {
  return load({
    pipeline: 'flights',
    into: 'flights',
    mode: 'replace-partition',
    from: files('vega', 'flights-3m.parquet'),
    interval: interval(input.start, input.end),
  });
}
