// What the benchmark's worker and client are configured with.
import { bigquery, defineConfig, env, localFiles, postgres, s3, snowflake } from 'loadline';

const events = {
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
};

/** The same table under seven checks that all rows pass, one of each kind that reads every row. */
const checked = {
  ...events,
  name: 'checked',
  columns: {
    ...events.columns,
    created_at: { type: 'timestamptz', notNull: true },
    amount: { type: 'decimal(12,2)', range: { min: 0, max: 1_000_000 } },
    status: { type: 'text', accepted: ['new', 'paid', 'sent', 'done', 'void'] },
    country: { type: 'text', pattern: 'Country \\d{1,3}' },
    note: { type: 'text', length: { min: 10, max: 400 } },
  },
  checks: [
    { name: 'updated-after-created', sql: 'updated_at >= created_at' },
    { name: 'turnover', sum: { column: 'amount', min: 0 } },
  ],
};

const {
  BENCH_SNOWFLAKE_URL: snowflakeUrl,
  BENCH_BIGQUERY_ENDPOINT: bigQueryEndpoint,
  BENCH_S3_ENDPOINT: s3Endpoint,
} = process.env;

/** The store of objects that runs. */
const objects = s3Endpoint && {
  objects: s3({
    bucket: 'bench',
    region: 'us-east-1',
    endpoint: s3Endpoint,
    credentials: { accessKeyId: env('BENCH_S3_KEY'), secretAccessKey: env('BENCH_S3_SECRET') },
  }),
};

/** The same table in the stand-ins that run. */
const standins = {
  ...(snowflakeUrl && {
    snowflake: snowflake({
      account: 'standin',
      user: 'loader',
      password: env('BENCH_SNOWFLAKE_PASSWORD'),
      database: 'BENCH',
      endpoint: snowflakeUrl,
    }),
  }),
  ...(bigQueryEndpoint && {
    bigquery: bigquery({
      project: 'test-project',
      credentials: 'none',
      apiEndpoint: bigQueryEndpoint,
      storageEndpoint: bigQueryEndpoint,
    }),
  }),
};
const schemas = { snowflake: 'PUBLIC', bigquery: 'bench' };
const eventsOf = (warehouse) => ({
  ...events,
  name: `${warehouse}-events`,
  table: `${warehouse}/${schemas[warehouse]}.events`,
  create: 'if-missing',
});

export default defineConfig({
  warehouses: {
    main: postgres({
      url: env('BENCH_DATABASE_URL'),
      ledgerSchema: 'bench_ledger',
      stageSchema: 'bench_stage',
    }),
    ...standins,
  },
  stores: { files: localFiles({ root: '.data/files' }), ...objects },
  contracts: [events, checked, ...Object.keys(standins).map(eventsOf)],
  worker: { taskQueue: 'loadline-bench', buildId: 'bench' },
  state: '.data/.loadline',
});
