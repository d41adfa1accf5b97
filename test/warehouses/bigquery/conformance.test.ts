import { bigQueryCapabilities } from '../../../activities/warehouses/bigquery/capabilities';
import { warehouseConformance } from '../../../testing';
import { bigQueryProject } from '../support/accounts';
import { openHarness } from './harness';

warehouseConformance(bigQueryCapabilities, openHarness, {
  module: require.resolve('./harness'),
  // Columns may have some characters that tables may not.
  allowsName: (name, of) =>
    (of === 'table'
      ? /^[\p{L}\p{M}\p{N}\p{Pc}\p{Pd}\p{Zs}]+$/u
      : /^[\p{L}\p{M}\p{N}\p{Pc}\p{Pd}\p{Zs}&%=+:'<>#|]{1,300}$/u
    ).test(name),
  timeoutMs: 170_000,
  ...(bigQueryProject() && ({ proof: 'real', timeoutMs: 900_000 } as const)),
});
