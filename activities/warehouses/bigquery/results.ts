import type { QueryPage } from './api';
import type { BigQueryClient } from './client';
import type { SchemaField } from './types';

/** All rows of a query that has succeeded, whose first page may be there. */
export async function rowsOf<T>(client: BigQueryClient, jobId: string, first: QueryPage | null): Promise<T[]> {
  const rows: T[] = [];
  let page = first ?? (await client.queryPage(jobId, { timeoutMs: 10_000 }));
  for (;;) {
    const fields = page.schema?.fields ?? [];
    for (const { f } of page.rows ?? []) rows.push(recordOf(fields, f) as T);
    const { pageToken } = page;
    if (page.jobComplete && pageToken === undefined) return rows;
    page = await client.queryPage(jobId, { timeoutMs: 10_000, ...(page.jobComplete && pageToken && { pageToken }) });
  }
}

const recordOf = (fields: readonly SchemaField[], cells: readonly { readonly v: unknown }[]): Record<string, unknown> =>
  Object.fromEntries(fields.map((field, i) => [field.name, valueOf(field, cells[i]?.v ?? null)]));

/** A value as JavaScript has it: whole numbers as text where a number would lose digits, exact decimals and moments as text. */
function valueOf(field: SchemaField, value: unknown): unknown {
  if (value === null) return null;
  if (field.mode === 'REPEATED')
    return (value as { v: unknown }[]).map(({ v }) => valueOf({ ...field, mode: 'NULLABLE' }, v));
  if (field.type === 'RECORD' || field.type === 'STRUCT')
    return recordOf(field.fields ?? [], (value as { f: { v: unknown }[] }).f);
  const text = String(value);
  switch (field.type) {
    case 'INTEGER':
    case 'INT64':
      return Number.isSafeInteger(Number(text)) ? Number(text) : text;
    case 'FLOAT':
    case 'FLOAT64':
      return Number(text === 'Inf' ? 'Infinity' : text === '-Inf' ? '-Infinity' : text);
    case 'BOOLEAN':
    case 'BOOL':
      return text === 'true';
    case 'TIMESTAMP':
      return isoOf(text);
    default:
      return text;
  }
}

/** Microseconds, or seconds as a double, since 1970. */
function isoOf(text: string): string {
  if (!/^-?\d+$/.test(text)) return new Date(Number(text) * 1000).toISOString();
  const micros = BigInt(text);
  const second = micros >= 0n ? micros / 1_000_000n : -((-micros + 999_999n) / 1_000_000n);
  const rest = micros - second * 1_000_000n;
  return `${new Date(Number(second) * 1000).toISOString().slice(0, 19)}.${String(rest).padStart(6, '0')}Z`;
}
