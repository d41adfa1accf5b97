import type { WarehouseCapabilities } from '../warehouse';

const oneScript = 'a publish is one script, which nothing can stop between its statements';

export const bigQueryCapabilities: WarehouseCapabilities = Object.freeze({
  name: 'bigquery',
  // Tested with Google's own client against a stand-in, whose limits test/services/bigquery tells.
  proof: 'stand-in',
  enforcesKeys: false,
  without: Object.freeze({
    sessions: 'BigQuery has no sessions: every job is on its own',
    'stop at lock': oneScript,
    'stop at write': oneScript,
    'stop at ledger': oneScript,
  }),
});
