import { snowflakeCapabilities } from '../../../activities/warehouses/snowflake/capabilities';
import { warehouseConformance } from '../../../testing';
import { snowflakeAccount } from '../support/accounts';
import { openHarness } from './harness';

warehouseConformance(snowflakeCapabilities, openHarness, {
  module: require.resolve('./harness'),
  allowsName: (name) => name.length <= 255 && !name.includes('\0'),
  ...(snowflakeAccount() && ({ proof: 'real', timeoutMs: 900_000 } as const)),
});
