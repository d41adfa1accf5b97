import { withoutOperations } from '../sql';
import type { WarehouseCapabilities } from '../warehouse';

export const bigQueryCapabilities: WarehouseCapabilities = Object.freeze({
  name: 'bigquery',
  // Tested with Google's own client against a stand-in, whose limits test/services/bigquery tells.
  proof: 'stand-in',
  enforcesKeys: false,
  without: withoutOperations,
});
