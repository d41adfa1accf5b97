import { postgresCapabilities } from '../../activities/warehouses/postgres/capabilities';
import { warehouseConformance } from '../../testing';
import { openHarness } from './postgres-harness';

warehouseConformance(postgresCapabilities, openHarness, {
  module: require.resolve('./postgres-harness'),
  // PostgreSQL cuts names after 63 bytes, and has columns of its own in every table.
  allowsName: (name) => Buffer.byteLength(name) <= 63 && !['ctid', 'xmin', 'tableoid'].includes(name),
});
