import { loadFailure } from '../../../workflows/load-error';
import type { LoadErrorCode } from '../../../workflows/load-error-code';
import type { BulkLoad } from '../sql/port';
import type { JobError, JobResource } from './api';
import { bigQueryFailure, classifyBigQueryError, reasonOf } from './errors';

// What a load job says of a file: its reason is `invalid` for all of them.
const byMessage: readonly (readonly [RegExp, LoadErrorCode])[] = [
  [/Not found: (URI|Files?)/i, 'SourceChanged'],
  [
    /Too (many|few) values|Too many columns|contained only \d+ columns|exceeds the number of columns|Missing close quote/i,
    'RaggedRow',
  ],
  [/JSON parsing error.*(No such field)/i, 'UnknownColumn'],
  [/JSON parsing error.*(Parser terminated|without start of object|Repeated|Expected)/i, 'MalformedJson'],
  [/Bad character|not.*UTF-8|invalid UTF|encoding/i, 'InvalidEncoding'],
  [/Row size is larger|row.*too large|exceeds the maximum.*size/i, 'RowTooLong'],
  [/not in (Parquet|gzip) format|Failed to decompress|corrupt|truncated|Unexpected end|gzip/i, 'CorruptFile'],
  [/Provided Schema does not match|does not match the target cpp_type|Cannot add fields/i, 'SchemaMismatch'],
  [/Required.*(null|missing)|is missing.*required/i, 'NullValue'],
  [/Could not (parse|convert)|Unable to parse|out of range|Invalid/i, 'InvalidValue'],
];

/** A failed load job as a failure: the file and the line where BigQuery tells them, and never a value. */
export function loadJobFailure(job: JobResource, input: BulkLoad): Error {
  // The result says that there were errors; the first of them says which.
  const { errorResult, errors = [] } = job.status;
  const known = [...errors, errorResult!].find((error) => codeOf(error) !== null) ?? errorResult!;
  const code = codeOf(known);
  if (code === null) return bigQueryFailure(errorResult, { object: input.stage });
  const { message = '' } = known;
  const column = columnOf(message, input);
  const place = lineOf(message);
  return loadFailure(code, {
    object: [fileOf(known, input), column && `column ${column.from}`].filter(Boolean).join(', '),
    ...(column && code === 'InvalidValue' && { expected: column.type }),
    got: place ?? reasonOf(known) ?? 'no reason',
  });
}

function codeOf(error: JobError): LoadErrorCode | null {
  const general = classifyBigQueryError(error);
  if (general !== 'WarehouseError' && error.reason !== 'invalid' && error.reason !== 'notFound') return null;
  return byMessage.find(([pattern]) => pattern.test(error.message ?? ''))?.[1] ?? null;
}

function fileOf({ location, message = '' }: JobError, { batch, stage }: BulkLoad): string {
  const said = /(?:File: |URI )(gs:\/\/\S+)/.exec(message)?.[1] ?? location ?? '';
  return batch.manifest.files.find(({ path }) => said.endsWith(`/${path}`))?.path ?? stage;
}

const columnOf = (message: string, { columns }: BulkLoad): BulkLoad['columns'][number] | undefined => {
  const name = /(?:for|[Ff]ield:?|column:?) '?([^\s';]+)'?/.exec(message.replace(/'[^']*' as/, 'as'))?.[1];
  return columns.find((column) => column.name === name);
};

function lineOf(message: string): string | undefined {
  const line = /line_number: (\d+)/.exec(message)?.[1];
  if (line) return `line ${line}`;
  const position = /starting at position:? (\d+)/.exec(message)?.[1];
  return position && `the row at byte ${position}`;
}
