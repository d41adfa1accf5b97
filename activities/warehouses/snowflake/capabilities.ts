import type { WarehouseCapabilities } from '../warehouse';

export const snowflakeCapabilities: WarehouseCapabilities = Object.freeze({
  name: 'snowflake',
  // Tested with the official driver over the wire against a stand-in, which shows no isolation under load.
  proof: 'stand-in',
  enforcesKeys: false,
});
