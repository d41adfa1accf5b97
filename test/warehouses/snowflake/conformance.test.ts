import { snowflakeCapabilities } from '../../../activities/warehouses/snowflake/capabilities';
import { warehouseConformance } from '../../../testing';
import { openHarness } from './harness';

warehouseConformance(snowflakeCapabilities, openHarness, {
  module: require.resolve('./harness'),
  allowsName: (name) => name.length <= 255 && !name.includes('\0'),
});
