import { z } from 'zod';
import { columnTypes } from './column-type';
import { strict } from './zod-issue';

const count = (): z.ZodNumber =>
  z.int({ error: 'a whole number of rows, 0 or more' }).min(0, { error: 'a whole number of rows, 0 or more' });
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
    severity: z
      .enum(['fail', 'quarantine'], { error: 'fail or quarantine' })
      .optional()
      .describe('What happens to a row that breaks notNull or range. Default: fail.'),
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
      .record(z.string().min(1), columnSchema, { error: 'an object with a column per name' })
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
    rows: strict({ min: count().optional(), max: count().optional() }, 'an object with min, max or both')
      .optional()
      .describe('Bounds on the rows of one batch.'),
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
