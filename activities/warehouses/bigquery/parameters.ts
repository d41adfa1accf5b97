import type { Sql, SqlValue } from '../sql/port';
import type { QueryParameter } from './api';

/** A statement, or several, with its values as parameters of the whole text. */
export class Text {
  readonly #names = new Map<string, string>();
  readonly parameters: QueryParameter[] = [];

  /** The statement with named parameters in the places of its values. Equal values share one. */
  of({ text, values }: Sql): string {
    return text.map((piece, i) => (i === 0 ? piece : `${this.#place(values[i - 1]!)}${piece}`)).join('');
  }

  #place(value: SqlValue): string {
    // A NULL with a type would fit nothing else.
    if (value === null) return 'NULL';
    const known = `${typeof value}:${JSON.stringify(value)}`;
    let name = this.#names.get(known);
    if (name === undefined) {
      name = `p${this.parameters.length}`;
      this.#names.set(known, name);
      this.parameters.push(parameterOf(name, value));
    }
    return `@${name}`;
  }
}

function parameterOf(name: string, value: Exclude<SqlValue, null>): QueryParameter {
  if (typeof value === 'object')
    return {
      name,
      parameterType: { type: 'ARRAY', arrayType: { type: 'STRING' } },
      parameterValue: { arrayValues: value.map((one) => ({ value: one })) },
    };
  const type = typeof value === 'string' ? 'STRING' : typeof value === 'boolean' ? 'BOOL' : numberType(value);
  return { name, parameterType: { type }, parameterValue: { value: String(value) } };
}

const numberType = (value: number): string => (Number.isSafeInteger(value) ? 'INT64' : 'FLOAT64');
