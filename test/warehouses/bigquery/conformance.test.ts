import { bigQueryCapabilities } from '../../../activities/warehouses/bigquery/capabilities';
import { warehouseConformance } from '../../../testing';
import { openHarness } from './harness';

warehouseConformance(bigQueryCapabilities, openHarness, {
  module: require.resolve('./harness'),
  // Of what columns may be named, tables may be named less.
  allowsName: (name) => /^[\p{L}\p{M}\p{N}\p{Pc}\p{Pd}\p{Zs}]{1,300}$/u.test(name),
  timeoutMs: 170_000,
});
