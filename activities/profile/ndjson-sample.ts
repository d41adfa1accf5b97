import { ApplicationFailure } from '@temporalio/common';
import { loadFailure } from '../../workflows/load-error';
import { duckText, type Duck } from '../sources/duck';
import { readNdjsonFacts } from '../sources/ndjson-head';
import { openText } from '../sources/stored-text';
import { countRows, emptyFile, type Reading, type Sample, type SampleColumn, type SampleOptions } from './sample';

/** Opens a file of JSON objects, one a line. Columns are the fields of all of them, in the order of their appearance. */
export async function openNdjson(reading: Reading, { format }: SampleOptions): Promise<Sample> {
  const { duck, store, path, object } = reading;
  const { stream } = await openText(store, path);
  try {
    const facts = await readNdjsonFacts(stream, object);
    if (facts.rows === 0) throw emptyFile(object);
  } finally {
    stream.destroy();
  }
  const { path: local } = await store.local(path);
  const lines = `read_ndjson_objects(${duckText(local)}, maximum_object_size = 67108864)`;
  try {
    const other = await duck.connection.runAndReadAll(
      `SELECT 1 FROM ${lines} WHERE json_type(json) <> 'OBJECT' LIMIT 1`,
    );
    if (other.getRows().length > 0) throw malformed(object);
    const columns = await columnsOf(duck, lines);
    const list = columns.map(({ source, name }) => `json_extract_string(json, ${pointer(source)}) AS ${name}`);
    await duck.connection.run(`CREATE TABLE sample AS SELECT ${list.join(', ')} FROM ${lines}`);
    return { duck, object, rows: await countRows(duck), columns, source: format ? { format } : {} };
  } catch (error) {
    throw jsonFailure(error, object);
  }
}

async function columnsOf(duck: Duck, lines: string): Promise<SampleColumn[]> {
  const found = await duck.connection.runAndReadAll(
    `SELECT field FROM (SELECT line, unnest(fields) AS field, generate_subscripts(fields, 1) AS place
       FROM (SELECT row_number() OVER () AS line, json_keys(json) AS fields FROM ${lines}))
     GROUP BY field ORDER BY min(line), min_by(place, line)`,
  );
  const fields = found.getRows().map(([field]) => String(field));
  const kinds = fields.map(
    (field) => `bool_or(coalesce(json_type(json, ${pointer(field)}) IN ('OBJECT', 'ARRAY'), false))`,
  );
  const nested =
    fields.length > 0 ? await duck.connection.runAndReadAll(`SELECT ${kinds.join(', ')} FROM ${lines}`) : null;
  return fields.map((source, index) => ({
    source,
    name: `c${index}`,
    // Objects are loaded into columns of JSON alone.
    type: nested?.getRows()[0]?.[index] === true ? 'JSON' : 'VARCHAR',
  }));
}

/** A JSON pointer to a field, as DuckDB's text. */
const pointer = (field: string): string => duckText(`/${field.replaceAll('~', '~0').replaceAll('/', '~1')}`);

/** DuckDB quotes what it could not read; of its message only the line's number is told. */
function jsonFailure(error: unknown, object: string): ApplicationFailure {
  if (error instanceof ApplicationFailure) return error;
  const message = String((error as { message?: unknown }).message);
  if (/unicode|utf-?8/i.test(message)) return loadFailure('InvalidEncoding', { object });
  // Its count of lines is not that of an editor.
  return malformed(object);
}

const malformed = (object: string): ApplicationFailure =>
  loadFailure('MalformedJson', { object, expected: 'a JSON object on each line' });
