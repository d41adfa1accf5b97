import { z } from 'zod';
import { loadFailure } from '../workflows/load-error';
import type { LoadRequest } from '../workflows/contract';
import { parseDuration } from './duration';
import { pathText, refusalsOf, strict } from './contracts/zod-issue';

const text = (what: string): z.ZodString => z.string({ error: what }).min(1, { error: what });
const oneOf = <const T extends readonly [string, ...string[]]>(words: T) =>
  z.enum(words, { error: `one of: ${words.join(', ')}` });
const flag = z.boolean({ error: 'true or false' });
const character = z.string({ error: 'one character' }).optional();

/** Part of the load key and of rows of the ledger: a name that people can write. */
const isWord = (name: string): boolean =>
  name.trim() !== '' && name.length <= 200 && !/[\p{Cc}\p{Surrogate}]/u.test(name);
const word = (what: string) => text(what).refine(isWord, { error: what });

const csv = strict({
  delimiter: character,
  quote: character,
  escape: character,
  nullText: z
    .string({ error: 'a text' })
    .regex(/^[^\r\n]*$/, { error: 'a text without a line break' })
    .optional(),
  header: flag.optional(),
});
const files = strict({
  kind: z.literal('files'),
  store: text('the name of a store'),
  glob: text('a glob relative to the store, or a path'),
  format: oneOf(['csv', 'ndjson', 'parquet']).optional(),
  csv: csv.optional(),
  identity: oneOf(['content', 'path']).optional(),
});
const whole = z.int({ error: 'a whole number' }).min(0, { error: 'a whole number' });
// Fields may be added to it: a batch comes from an activity, not from a person.
const batch = z.looseObject({
  kind: z.literal('batch'),
  store: text('the store of the batch'),
  manifest: text('the manifest of the batch'),
  sha256: text('the hash of the batch'),
  files: whole,
  filesSkipped: whole,
  bytes: whole,
  rows: whole.nullable(),
});

const grain = oneOf(['hour', 'day', 'week', 'month', 'year']);
const interval = z.union(
  [
    strict({ start: z.string(), end: z.string() }),
    strict({ grain, zone: z.string().optional(), back: z.int().optional() }),
  ],
  { error: '{ start, end } as ISO instants, or { grain, zone, back }' },
);

const common = {
  pipeline: word('a name of 1 to 200 characters'),
  into: text('the name of a contract'),
  from: z.discriminatedUnion('kind', [files, batch], { error: 'files(store, glob), or a batch' }),
  interval: interval.optional(),
  part: word('1 to 200 characters').optional(),
  onChanged: oneOf(['refuse', 'reprocess']).optional(),
};
const outOfOrder = oneOf(['refuse', 'allow']).optional();
const windowText = 'a duration with a unit, from 1s to 3650 days, such as 7 days';
const dedup = strict(
  {
    by: z.array(text('the name of a column'), { error: 'a list of columns' }).min(1, { error: 'at least one column' }),
    time: text('the name of a column'),
    window: z
      .string({ error: windowText })
      .refine((w) => parseDuration(w) >= 1_000 && parseDuration(w) <= 3650 * 86_400_000, { error: windowText }),
  },
  'an object with by, time and window',
);
const modes = ['append', 'merge', 'insert-only', 'replace', 'replace-partition'] as const;
const request = z.discriminatedUnion(
  'mode',
  [
    strict({ ...common, mode: z.literal('append'), dedup: dedup.optional() }),
    strict({ ...common, mode: z.literal('merge'), outOfOrder }),
    strict({ ...common, mode: z.literal('insert-only') }),
    strict({ ...common, mode: z.literal('replace'), allowEmpty: flag.optional(), outOfOrder }),
    strict({
      ...common,
      mode: z.literal('replace-partition'),
      partitions: z.array(text('an ISO date or instant'), { error: 'a list of ISO dates or instants' }).optional(),
      allowEmpty: flag.optional(),
    }),
  ],
  {
    error: ({ input }) =>
      typeof input === 'object' && input !== null
        ? `one of: ${modes.join(', ')}`
        : 'an object with pipeline, into, mode and from',
  },
);

/**
 * Refuses what is no request at all, as a person may write it into `temporal workflow start --input`. A mistyped
 * option is refused rather than ignored: without its interval a load would be another load.
 *
 * @throws `InvalidRequest`
 */
export function checkRequestShape(value: unknown): asserts value is LoadRequest {
  const written: unknown = JSON.parse(JSON.stringify(value ?? null));
  const parsed = request.safeParse(written);
  if (parsed.success) return;
  const [first] = refusalsOf(parsed.error, written);
  const { pipeline } = Object(written) as { pipeline?: unknown };
  throw loadFailure('InvalidRequest', {
    object: [typeof pipeline === 'string' && isWord(pipeline) ? pipeline : 'load', pathText(first!.path)]
      .filter(Boolean)
      .join('.'),
    expected: first!.expected,
    ...(first!.got === undefined ? {} : { got: first!.got }),
    ...(first!.remedy === undefined ? {} : { remedy: first!.remedy }),
  });
}
