import { z } from 'zod';
import { scheduleSchema } from './schedule-schema';
import { strict } from '../../activities/contracts/zod-issue';
import { bigquery } from './bigquery-schema';
import { atOnce, duration, httpUrl, reference, referredTo, text } from './schema-parts';

const folder = text('the path of a folder');
const schemaName = z
  .string({ error: 'the name of a schema' })
  .regex(/^[a-z_][a-z0-9_]{0,62}$/, { error: 'a schema name of up to 63 lower-case letters, digits and _' });

/** The option that names the secret; its value is never shown. */
export const secretOptions: readonly string[] = [
  'url',
  'admin',
  'credentials',
  'env',
  'file',
  'password',
  'privateKey',
  'passphrase',
  'oauthToken',
  'token',
];

const secret = z.union([...reference, z.string().regex(/^postgres(ql)?:\/\/\S+$/)], {
  error: "env('NAME'), secretFile('path'), or a postgres:// URL without a password",
});

const roleName = z
  .string({ error: 'the name of a role' })
  .regex(/^(?!pg_)[^\0]{1,63}$/, { error: 'the name of a role: at most 63 characters, and not beginning with pg_' })
  .refine((name) => Buffer.byteLength(name) <= 63, { error: 'the name of a role of at most 63 bytes' });
const provision = strict({
  admin: secret,
  roles: strict({
    loader: roleName,
    reader: roleName.optional(),
    sweeper: roleName.optional(),
    owner: roleName.optional(),
  }),
  login: z.boolean({ error: 'true or false' }).optional(),
  canary: z.boolean({ error: 'true or false' }).optional(),
});

const postgres = {
  kind: z.literal('postgres'),
  url: secret,
  ledgerSchema: schemaName.optional(),
  stageSchema: schemaName.optional(),
  maxPublishing: atOnce.optional(),
  maxStaging: atOnce.optional(),
  copySessions: atOnce.optional(),
  publishTimeout: duration.optional(),
  stageTimeout: duration.optional(),
  frozenTimeout: duration.optional(),
  lockTimeout: duration.optional(),
  claimLease: duration.optional(),
  workMem: z
    .string({ error: 'an amount of memory such as 256MB' })
    .regex(/^[1-9]\d{0,6}(kB|MB|GB)$/, { error: 'an amount of memory such as 256MB' })
    .optional(),
  provision: provision.optional(),
};
const stored = text('a name as it is stored').max(255, { error: 'a name of up to 255 characters' });
const snowflakeLogin = {
  user: text('the name of a user'),
  password: referredTo.optional(),
  privateKey: referredTo.optional(),
  passphrase: referredTo.optional(),
  oauthToken: referredTo.optional(),
  token: referredTo.optional(),
};
const snowflake = {
  kind: z.literal('snowflake'),
  account: text('an account identifier such as myorg-account1'),
  ...snowflakeLogin,
  database: stored,
  schema: stored.optional(),
  warehouse: stored.optional(),
  role: stored.optional(),
  ledgerSchema: stored.optional(),
  stageSchema: stored.optional(),
  maxPublishing: atOnce.optional(),
  maxStaging: atOnce.optional(),
  publishTimeout: duration.optional(),
  stageTimeout: duration.optional(),
  lockTimeout: duration.optional(),
  claimLease: duration.optional(),
  endpoint: z.url({ protocol: /^https?$/, error: 'a URL that starts with https://' }).optional(),
  provision: strict({
    admin: strict({ ...snowflakeLogin, role: stored.optional(), warehouse: stored.optional() }),
    roles: strict({ loader: stored, reader: stored.optional(), owner: stored.optional() }),
  }).optional(),
};
const localFiles = { kind: z.literal('local-files'), root: folder };
const kmsKey = strict({ kmsKey: text('the name of a key') });
const bucket = z
  .string({ error: 'the name of a bucket' })
  .regex(/^[a-z0-9][a-z0-9._-]{1,220}[a-z0-9]$/, { error: 'the name of a bucket, without a scheme or a path' });
const prefix = z.string({ error: 'the beginning of keys' });
const s3 = {
  kind: z.literal('s3'),
  bucket,
  prefix: prefix.optional(),
  region: text('the name of a region').optional(),
  endpoint: httpUrl.optional(),
  pathStyle: z.boolean({ error: 'true or false' }).optional(),
  credentials: strict({
    accessKeyId: referredTo,
    secretAccessKey: referredTo,
    sessionToken: referredTo.optional(),
  }).optional(),
  encryption: z.union([z.literal('s3'), kmsKey], { error: "'s3' or { kmsKey: '…' }" }).optional(),
};
const gcs = {
  kind: z.literal('gcs'),
  bucket,
  prefix: prefix.optional(),
  projectId: text('the id of a project').optional(),
  endpoint: httpUrl.optional(),
  credentials: referredTo.optional(),
  encryption: kmsKey.optional(),
};

const deploymentName = { error: 'a name of up to 100 characters without ".", ":" and spaces' };
const worker = strict({
  taskQueue: text('the name of a task queue').optional(),
  workflows: text('the path of a module').optional(),
  activities: text('the path of a module').optional(),
  buildId: text('a name for the build').max(200, { error: 'at most 200 characters' }).optional(),
  // The server refuses such a name as well, but only once the worker polls, and in its log alone.
  deployment: z
    .string(deploymentName)
    .regex(/^[^.:\s]{1,100}$/, deploymentName)
    .optional(),
  versioning: z.enum(['pinned', 'auto-upgrade'], { error: "'pinned' or 'auto-upgrade'" }).optional(),
}).optional();
const canary = strict({
  workflow: text('the name of a workflow').optional(),
  input: z.unknown().optional(),
  load: z.record(z.string(), z.unknown(), { error: 'a load, as `load` takes it' }).optional(),
})
  .refine(({ workflow, load }) => workflow === undefined || load === undefined, {
    error: 'a workflow or a load, not both',
  })
  .refine(({ workflow, input }) => workflow !== undefined || input === undefined, {
    error: 'a workflow for the input',
  });
const deploy = strict({ canary: canary.optional() }).optional();
const temporal = strict({
  address: text('host:port').optional(),
  namespace: text('the name of a namespace').optional(),
  profile: text('a profile of the Temporal configuration file').optional(),
}).optional();

const name = z.string().regex(/^[A-Za-z0-9_-]{1,60}$/, { error: 'a name of up to 60 letters, digits, _ and -' });
const warehouse = z.discriminatedUnion('kind', [strict(postgres), strict(snowflake), strict(bigquery)], {
  error: 'a warehouse, such as postgres({ url: env(…) })',
});
const store = z.discriminatedUnion('kind', [strict(localFiles), strict(s3), strict(gcs)], {
  error: 'a store, such as localFiles({ root: … }), s3({ bucket: … }) or gcs({ bucket: … })',
});
/** Options that change a store of the same kind; with another kind, all that it needs. */
const changedStore = z.union([strict(localFiles).partial(), strict(s3).partial(), strict(gcs).partial()], {
  error: 'options of a store',
});

const named = <T extends z.ZodType>(schema: T, what: string): z.ZodRecord<z.ZodString, T> =>
  z.record(name, schema, {
    error: ({ code }) => (code === 'invalid_key' ? 'a name of up to 60 letters, digits, _ and -' : what),
  });

const override = strict({
  warehouses: named(
    z.union([strict(postgres).partial(), strict(snowflake).partial(), strict(bigquery).partial()]),
    'warehouses by name',
  ).optional(),
  stores: named(changedStore, 'stores by name').optional(),
  worker,
  temporal,
  state: folder.optional(),
  batchStore: name.optional(),
});

/** The shape of a configuration. Contracts are checked one by one, and durations when they are resolved. */
export const configSchema = strict(
  {
    warehouses: named(warehouse, 'warehouses by name, such as { analytics: postgres({ … }) }'),
    stores: named(store, 'stores by name, such as { raw: localFiles({ … }) }'),
    contracts: z.array(
      z.union([z.string().min(1), z.record(z.string(), z.unknown())], {
        error: 'a contract, or the path or glob of files that hold contracts',
      }),
      { error: 'a list of contracts, paths and globs' },
    ),
    worker,
    temporal,
    deploy,
    state: folder.optional(),
    batchStore: name.optional(),
    schedules: z.array(scheduleSchema, { error: 'a list of schedules' }).optional(),
    profiles: named(override, 'profiles by name').optional(),
  },
  'an object, as defineConfig({ … }) returns',
);

/** A configuration of the right shape, as written. */
export type ConfigShape = z.infer<typeof configSchema>;
