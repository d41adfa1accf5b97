import { z } from 'zod';
import { strict } from '../../activities/contracts/zod-issue';
import { atOnce, duration, httpUrl, reference } from './schema-parts';

const project = z
  .string({ error: 'the id of a project' })
  .regex(/^(?:[a-z][a-z0-9.-]*:)?[a-z][a-z0-9-]{4,28}[a-z0-9]$/, { error: 'the id of a project, such as my-project' });
const dataset = z
  .string({ error: 'the name of a dataset' })
  .regex(/^[A-Za-z0-9_]{1,1024}$/, { error: 'the name of a dataset: letters, digits and _' });

const member = z
  .string({ error: 'a member such as serviceAccount:loader@project.iam.gserviceaccount.com' })
  .regex(/^(serviceAccount|user|group|domain):[^\s'"`\\]+$/, {
    error: 'a member: serviceAccount:…, user:…, group:… or domain:…',
  });

/** `loadline_…` is for Loadline's own. */
const labels = z.record(
  z.string().regex(/^(?!loadline(_|$))[a-z][a-z0-9_-]{0,62}$/, {
    error: 'a label of lower-case letters, digits, _ and -, that does not start with loadline_',
  }),
  z.string().regex(/^[a-z0-9_-]{0,63}$/, { error: 'a value of lower-case letters, digits, _ and -' }),
);

/** The shape of `bigquery({ … })`. */
export const bigquery = {
  kind: z.literal('bigquery'),
  project,
  jobProject: project.optional(),
  dataset: dataset.optional(),
  location: z
    .string({ error: 'a location such as EU or europe-west3' })
    .regex(/^[A-Za-z0-9-]+$/, { error: 'a location such as EU or europe-west3' })
    .optional(),
  credentials: z
    .union([...reference, z.literal('none')], { error: "env('NAME'), secretFile('path') or 'none'" })
    .optional(),
  ledgerDataset: dataset.optional(),
  stageDataset: dataset.optional(),
  stagingBucket: z
    .string({ error: 'a bucket such as gs://bucket/prefix' })
    .regex(/^gs:\/\/[a-z0-9][a-z0-9._-]{1,220}[a-z0-9](\/[^*?[\]#]*)?$/, {
      error: 'a bucket such as gs://bucket/prefix',
    })
    .optional(),
  referCsv: z.boolean({ error: 'true or false' }).optional(),
  maximumBytesBilled: z
    .int({ error: 'a number of bytes from 10485760, which is the least that BigQuery bills' })
    .min(10_485_760, { error: 'a number of bytes from 10485760, which is the least that BigQuery bills' })
    .optional(),
  labels: labels.optional(),
  maxPublishing: atOnce.optional(),
  maxStaging: atOnce.optional(),
  publishTimeout: duration.optional(),
  stageTimeout: duration.optional(),
  lockTimeout: duration.optional(),
  claimLease: duration.optional(),
  apiEndpoint: httpUrl.optional(),
  storageEndpoint: httpUrl.optional(),
  provision: strict({
    admin: z
      .union([...reference, z.literal('none')], { error: "env('NAME'), secretFile('path') or 'none'" })
      .optional(),
    roles: strict({ loader: member, reader: member.optional() }),
    stageExpiration: duration.optional(),
  }).optional(),
};
