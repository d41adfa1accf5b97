// What the benchmark's worker and client are configured with.
import { defineConfig, env, localFiles, postgres } from 'loadline';

export default defineConfig({
  warehouses: {
    main: postgres({
      url: env('BENCH_DATABASE_URL'),
      ledgerSchema: 'bench_ledger',
      stageSchema: 'bench_stage',
    }),
  },
  stores: { files: localFiles({ root: '.data/files' }) },
  contracts: [
    {
      name: 'events',
      table: 'main/bench.events',
      columns: {
        id: { type: 'uuid' },
        created_at: { type: 'timestamptz' },
        updated_at: { type: 'timestamptz' },
        customer_id: { type: 'integer' },
        amount: { type: 'decimal(12,2)' },
        status: { type: 'text' },
        country: { type: 'text' },
        note: { type: 'text' },
        payload: { type: 'json' },
        active: { type: 'boolean' },
      },
      key: ['id'],
      newest: 'updated_at',
    },
  ],
  worker: { taskQueue: 'loadline-bench', buildId: 'bench' },
  state: '.data/.loadline',
});
