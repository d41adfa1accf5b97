import { duckName } from './duck';

/** A type of DuckDB, as far as its values may need other words in JSON. */
type Shape =
  | { readonly kind: 'plain'; readonly type: string }
  | { readonly kind: 'list'; readonly of: Shape }
  | { readonly kind: 'map'; readonly key: Shape; readonly value: Shape }
  | { readonly kind: 'struct'; readonly fields: readonly (readonly [name: string, of: Shape])[] };

/**
 * A nested value of DuckDB in its JSON: instants in ISO 8601, and decimals of up to 18 digits widened, because DuckDB
 * writes those by way of a double, which holds 15. What needs neither stays as it is.
 */
export function asJson(column: string, type: string): string {
  return `to_json(${said(column, shapeOf(type), 0)})::VARCHAR`;
}

function said(value: string, shape: Shape, depth: number): string {
  if (!needsWords(shape)) return value;
  const item = `_loadline_${depth}`;
  switch (shape.kind) {
    case 'plain':
      return saidPlain(value, shape.type);
    case 'list':
      return `list_transform(${value}, lambda ${item}: ${said(item, shape.of, depth + 1)})`;
    case 'map': {
      const pair = `{'k': ${said(`${item}.key`, shape.key, depth + 1)}, 'v': ${said(`${item}.value`, shape.value, depth + 1)}}`;
      return `map_from_entries(list_transform(map_entries(${value}), lambda ${item}: ${pair}))`;
    }
    case 'struct': {
      const fields = shape.fields.map(
        ([name, of]) => `${duckName(name)} := ${said(`(${value}).${duckName(name)}`, of, depth)}`,
      );
      return `CASE WHEN ${value} IS NULL THEN NULL ELSE struct_pack(${fields.join(', ')}) END`;
    }
  }
}

function saidPlain(value: string, type: string): string {
  const scale = /^DECIMAL\(\d+,\s*(\d+)\)$/.exec(type)?.[1];
  if (scale !== undefined) return `${value}::DECIMAL(38,${scale})`;
  const local = `replace(${value}::VARCHAR, ' ', 'T')`;
  // The session's zone is UTC.
  return type === 'TIMESTAMP WITH TIME ZONE' ? `regexp_replace(${local}, '\\+00$', 'Z')` : local;
}

function needsWords(shape: Shape): boolean {
  switch (shape.kind) {
    case 'plain':
      return /^(TIMESTAMP|DECIMAL\()/.test(shape.type);
    case 'list':
      return needsWords(shape.of);
    case 'map':
      return needsWords(shape.key) || needsWords(shape.value);
    case 'struct':
      return shape.fields.some(([, of]) => needsWords(of));
  }
}

/** Reads a type as DuckDB writes it. What is none of lists, maps and structs is plain. */
function shapeOf(type: string): Shape {
  const list = /^(.*)\[\d*\]$/s.exec(type);
  if (list) return { kind: 'list', of: shapeOf(list[1]!) };
  const [, kind, inside] = /^(STRUCT|MAP)\((.*)\)$/s.exec(type) ?? [];
  if (kind === undefined || inside === undefined) return { kind: 'plain', type };
  const parts = splitAtCommas(inside);
  if (kind === 'MAP') return { kind: 'map', key: shapeOf(parts[0]!), value: shapeOf(parts[1]!) };
  return { kind: 'struct', fields: parts.map(fieldOf) };
}

function fieldOf(text: string): readonly [string, Shape] {
  const [, quoted, bare, type = ''] = /^(?:"((?:[^"]|"")*)"|(\S+)) (.*)$/s.exec(text) ?? [];
  return [quoted?.replaceAll('""', '"') ?? bare ?? '', shapeOf(type)];
}

/** Splits at commas that stand in no parentheses and in no quotes. */
function splitAtCommas(text: string): string[] {
  const parts: string[] = [''];
  let depth = 0;
  for (const token of text.match(/"(?:[^"]|"")*"|'(?:[^']|'')*'|[^"']/gs) ?? []) {
    if (token === '(') depth += 1;
    if (token === ')') depth -= 1;
    if (token === ',' && depth === 0) parts.push('');
    else parts[parts.length - 1] += parts.at(-1) === '' && token === ' ' ? '' : token;
  }
  return parts;
}
