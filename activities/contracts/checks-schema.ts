import { z } from 'zod';
import { strict } from './zod-issue';

const count = z
  .int({ error: 'a whole number of rows, 0 or more' })
  .min(0, { error: 'a whole number of rows, 0 or more' });
const column = z.string({ error: 'the name of a column' });
const columns = z.array(column, { error: 'a list of columns' }).min(1, { error: 'at least one column' });
const bound = z.union([z.number(), z.string()], { error: 'a number' });
const duration = 'a duration with a unit, such as 2 days';
const percent = 'a share such as "50%"';

export const severitySchema = z.enum(['warn', 'quarantine', 'fail'], { error: 'warn, quarantine or fail' });

export const failAboveSchema = z
  .union([z.number(), z.string()], { error: 'a count of rows such as 50, or a share such as "1%"' })
  .describe(
    'With warn or quarantine: when more rows than this break one check, the load fails. A count such as 50, or a share of the batch such as "1%".',
  );

export const reasonSchema = z
  .string({ error: 'a sentence' })
  .min(1, { error: 'a sentence' })
  .max(500, { error: 'at most 500 characters' })
  .describe('Why this is expected: shown with findings.');

export const rowsSchema = strict(
  {
    min: count.optional(),
    max: count.optional(),
    change: z
      .string({ error: percent })
      .regex(/^\d{1,4}(\.\d{1,4})?%$/, { error: percent })
      .optional()
      .describe(
        "How far the rows may lie from the median of the table's last 10 loads, such as 50%. Says nothing before there are 5.",
      ),
    severity: z
      .enum(['warn', 'fail'], { error: 'warn or fail, since no single row can be set aside' })
      .optional()
      .describe('Default: fail.'),
  },
  'an object with min, max or change',
);

/** Each check is one of these; which fields go together is checked by `checkTableChecks`. */
export const checkKinds = ['sql', 'freshness', 'references', 'sum'] as const;

export const tableCheckSchema = strict(
  {
    name: z
      .string({ error: 'a name' })
      .regex(/^[A-Za-z0-9][A-Za-z0-9_-]{0,49}$/, { error: 'a name of up to 50 letters, digits, _ and -' })
      .describe('Names the check in findings and warnings.'),
    severity: severitySchema.optional().describe('What breaking the check means. Default: fail.'),
    failAbove: failAboveSchema.optional(),
    reason: reasonSchema.optional(),
    sql: z
      .string({ error: 'an SQL condition' })
      .optional()
      .describe('An SQL condition on one row of the batch: true for good rows, NULL passes.'),
    freshness: strict(
      { column, within: z.string({ error: duration }).describe('A duration such as 2 days.') },
      'an object with column and within',
    )
      .optional()
      .describe('How old the newest value of a column may be.'),
    references: strict(
      { columns, table: z.string({ error: 'warehouse/schema.table' }), to: columns.optional() },
      'an object with columns and table',
    )
      .optional()
      .describe('Every row is found in a table of the same warehouse. NULL passes.'),
    sum: strict({ column, min: bound.optional(), max: bound.optional() }, 'an object with column, and min, max or both')
      .optional()
      .describe('Bounds on the sum of a column over the rows that are to be loaded.'),
  },
  'an object with a name and one of sql, freshness, references and sum',
).meta({ oneOf: checkKinds.map((kind) => ({ required: [kind] })) });

export const holdSchema = z
  .union(
    [
      z.literal(false),
      strict({
        for: z
          .string({ error: duration })
          .optional()
          .describe('How long a load waits for a verdict, such as 7 days (default).'),
        then: z
          .enum(['reject', 'quarantine', 'release'], { error: 'reject, quarantine or release' })
          .optional()
          .describe('The verdict when none was given in time. Default: reject.'),
      }),
    ],
    { error: 'false, or an object with for and then' },
  )
  .describe('How a load whose checks have failed is held for a verdict; false: it fails at once.');

const warmUp = 'a whole number of loads from 5 to 60';
const sensitivity = 'a number from 0.25 to 4';

export const anomaliesSchema = z
  .union(
    [
      z.literal(false),
      strict(
        {
          severity: z
            .enum(['warn', 'fail'], { error: 'warn or fail, since no single row can be set aside' })
            .optional()
            .describe('What it means that a load is unlike those before. Default: warn.'),
          warmUp: z
            .int({ error: warmUp })
            .min(5, { error: warmUp })
            .max(60, { error: warmUp })
            .optional()
            .describe('Loads before there is any verdict. Default: 14.'),
          sensitivity: z
            .number({ error: sensitivity })
            .min(0.25, { error: sensitivity })
            .max(4, { error: sensitivity })
            .optional()
            .describe('2 halves the distance at which a number is odd, 0.5 doubles it. Default: 1.'),
          seasonal: z
            .boolean({ error: 'true or false' })
            .optional()
            .describe('Whether loads of one weekday and hour are compared with each other. Default: true.'),
        },
        'false, or an object with severity, warmUp, sensitivity or seasonal',
      ),
    ],
    { error: 'false, or an object with severity, warmUp, sensitivity or seasonal' },
  )
  .describe('How numbers of a load that are unlike those of the loads before are told; false: not at all.');
