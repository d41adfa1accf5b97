import { z } from 'zod';
import { columnTypes } from './column-type';
import {
  anomaliesSchema,
  failAboveSchema,
  holdSchema,
  reasonSchema,
  rowsSchema,
  severitySchema,
  tableCheckSchema,
} from './checks-schema';
import { strict } from './zod-issue';

const size = z
  .int({ error: 'a whole number of characters, 0 or more' })
  .min(0, { error: 'a whole number of characters, 0 or more' });
const bound = z.union([z.number(), z.string()], { error: 'a number or a text' });
const flag = z.boolean({ error: 'true or false' });
const sized = { type: 'string', pattern: '^decimal\\( *\\d{1,2} *, *\\d{1,2} *\\)$' } as const;

const columnSchema = strict(
  {
    type: z.string({ error: 'a column type' }).meta({
      description:
        'text, smallint, integer, bigint, decimal(p,s), real, double, boolean, date, time, timestamp, timestamptz, uuid, json or bytes.',
      anyOf: [{ enum: columnTypes.filter((name) => name !== 'decimal') }, sized],
    }),
    from: z
      .string({ error: 'the name of a source column' })
      .min(1, { error: 'the name of a source column' })
      .optional()
      .describe("The column's name in the source. Default: the column's own name."),
    format: z
      .string({ error: 'a format' })
      .optional()
      .describe(
        'How text is read: iso (default), a date pattern such as dd.MM.yyyy HH:mm:ss, epoch-seconds, epoch-millis, decimal-comma, or the words for true and false, such as yes/no.',
      ),
    notNull: flag.optional().describe('Whether NULL breaks the contract. Default: false.'),
    unique: flag
      .optional()
      .describe('Whether a value may occur once only, in the batch and in the table. Default: false.'),
    range: strict({ min: bound.optional(), max: bound.optional() }, 'an object with min, max or both')
      .optional()
      .describe('Inclusive bounds. NULL passes.'),
    accepted: z
      .array(z.union([z.string(), z.number(), z.boolean()], { error: 'a text, a number, true or false' }), {
        error: 'a list of values',
      })
      .min(1, { error: 'at least one value' })
      .optional()
      .describe("The only values that there may be, written as the column's type is. NULL passes."),
    pattern: z
      .string({ error: 'a regular expression' })
      .optional()
      .describe('A regular expression that the whole of a text must match. NULL passes.'),
    length: strict({ min: size.optional(), max: size.optional() }, 'an object with min, max or both')
      .optional()
      .describe('Bounds on the characters of a text. NULL passes.'),
    masked: flag
      .optional()
      .describe('Whether no value may be shown: not in the quarantine, in reports or in profiles. Default: false.'),
    severity: severitySchema
      .optional()
      .describe('What breaking a check of this column means, but for unique, which always fails. Default: fail.'),
    failAbove: failAboveSchema.optional(),
    reason: reasonSchema.optional(),
  },
  'an object with a type, such as { type: text }',
);

/** The shape of a contract. What fields say of each other is checked by `checkContract`. */
export const contractSchema = strict(
  {
    name: z
      .string({ error: 'a name' })
      .regex(/^[A-Za-z0-9][A-Za-z0-9_.-]{0,99}$/, { error: 'a name of up to 100 letters, digits, _, - and .' })
      .describe('The name that loads refer to.'),
    table: z
      .string({ error: 'warehouse/schema.table' })
      .describe('warehouse/schema.table, spelled as the warehouse stores it.'),
    columns: z
      .record(z.string().min(1, { error: 'the name of a column' }), columnSchema, {
        error: 'an object with a column per name',
      })
      .describe('Every column to load, by its name in the table.'),
    key: z
      .array(z.string({ error: 'the name of a column' }), { error: 'a list of columns' })
      .min(1, { error: 'at least one column' })
      .optional()
      .describe('The columns that identify a row. Needed by merge and insert-only.'),
    newest: z
      .string({ error: 'the name of a column' })
      .optional()
      .describe('The column that decides which of two rows with one key wins: the larger.'),
    create: z
      .enum(['if-missing', 'never'], { error: 'if-missing or never' })
      .optional()
      .describe('Whether Loadline may create the table. Default: never.'),
    extraColumns: z
      .enum(['refuse', 'ignore'], { error: 'refuse or ignore' })
      .optional()
      .describe('What to do with source columns that the contract does not name. Default: refuse.'),
    partition: strict(
      {
        column: z.string({ error: 'the name of a column' }).describe('A date, timestamp or timestamptz column.'),
        by: z.enum(['hour', 'day', 'week', 'month', 'year'], { error: 'hour, day, week, month or year' }),
      },
      'an object with column and by',
    ).optional(),
    keepReplaced: flag
      .optional()
      .describe('Whether rows that a load takes away are kept, so that it can be rolled back. Default: true.'),
    rows: rowsSchema.optional().describe('Bounds on the rows of one batch.'),
    checks: z
      .array(tableCheckSchema, { error: 'a list of checks' })
      .optional()
      .describe('Expectations of more than one column.'),
    owner: z
      .string({ error: 'the name of a person or a team' })
      .min(1, { error: 'the name of a person or a team' })
      .max(200, { error: 'at most 200 characters' })
      .optional()
      .describe('Who answers for the table: shown with findings.'),
    anomalies: anomaliesSchema.optional(),
    hold: holdSchema.optional(),
  },
  'a contract: an object with name, table and columns',
);

/** A contract of the right shape whose fields may still contradict each other. */
export type ContractShape = z.infer<typeof contractSchema>;

/** The JSON Schema of a contract, which completes contracts in YAML in an editor. */
export function contractJsonSchema(): Record<string, unknown> {
  const schema = z.toJSONSchema(contractSchema) as Record<string, unknown>;
  return {
    $schema: schema['$schema'],
    $id: 'https://unpkg.com/loadline/contract.schema.json',
    title: 'Loadline table contract',
    description: "A table's schema, key and expectations.",
    ...schema,
  };
}

/** The text of `contract.schema.json`. */
export function contractSchemaText(): string {
  return `${JSON.stringify(contractJsonSchema(), null, 2)}\n`;
}
