import fc from 'fast-check';
import { classifyPostgresError, postgresFailure } from '../../../activities/warehouses/postgres/errors';
import { ident, insideRanges, literal, relation } from '../../../activities/warehouses/postgres/sql';
import { holds } from '../../../activities/warehouses/postgres/types';
import { loadErrorCodes, loadErrors } from '../../../workflows/load-error-code';
import { targetIdentity } from '../../../workflows/load-key';

const text = fc.string({
  unit: fc.constantFrom('a', '"', "'", '\\', ';', '-', '%', '.', '/', '\n', 'é', '\u{1F600}', ' '),
  minLength: 1,
});

/** What PostgreSQL reads in a quoted identifier and in a literal, by the rules of its lexer. */
const unquoted = (sql: string): string => {
  expect(sql).toMatch(/^"(?:[^"]|"")*"$/s);
  return sql.slice(1, -1).replaceAll('""', '"');
};
const read = (sql: string): string => {
  if (!sql.startsWith('E')) {
    expect(sql).toMatch(/^'(?:[^'\\]|'')*'$/s);
    return sql.slice(1, -1).replaceAll("''", "'");
  }
  expect(sql).toMatch(/^E'(?:[^'\\]|''|\\\\)*'$/s);
  return sql.slice(2, -1).replaceAll("''", "'").replaceAll('\\\\', '\\');
};

test('names and texts are quoted so that nothing of them is SQL', () => {
  fc.assert(fc.property(text, (t) => unquoted(ident(t)) === t && read(literal(t)) === t));
  fc.assert(fc.property(text, text, (s, t) => relation(targetIdentity('db', s, t)) === `${ident(s)}.${ident(t)}`));
  expect(() => ident('a\0b')).toThrow(TypeError);
  expect(() => ident('')).toThrow(TypeError);
});

test('adjacent partitions are one condition', () => {
  const days = ['2026-01-01', '2026-01-02', '2026-01-04'].map((d) => ({
    start: `${d}T00:00:00.000Z`,
    end: new Date(Date.parse(d) + 86_400_000).toISOString(),
  }));
  expect(insideRanges('"c"', 'date', days)).toBe(
    `coalesce(("c" >= '2026-01-01'::date AND "c" < '2026-01-03'::date) OR ("c" >= '2026-01-04'::date AND "c" < '2026-01-05'::date), false)`,
  );
  expect(insideRanges('"c"', 'timestamp without time zone', days.slice(0, 1))).toContain(
    `'2026-01-01 00:00:00.000'::timestamp without`,
  );
  expect(insideRanges('"c"', 'timestamp with time zone', days.slice(0, 1))).toContain(
    `'2026-01-01T00:00:00.000Z'::timestamp with`,
  );
});

test.each([
  ['text', 'text', true],
  ['text', 'integer', false],
  ['integer', 'bigint', true],
  ['bigint', 'integer', false],
  ['decimal(12,2)', 'numeric(12,2)', true],
  ['decimal(12,2)', 'numeric(14,1)', false],
  ['decimal(18,2)', 'double precision', false],
  ['decimal(15,2)', 'double precision', true],
  ['bigint', 'numeric(10,-2)', false],
  ['timestamptz', 'timestamp with time zone', true],
  ['timestamptz', 'timestamp without time zone', false],
  ['timestamptz', 'timestamp(3) with time zone', false],
  ['timestamp', 'timestamp with time zone', true],
  ['json', 'jsonb', true],
  ['bytes', 'text', false],
])('a column of %s as %s: %s', (type, column, expected) => expect(holds(type, column)).toBe(expected));

const pg = (code: string | undefined, more: object = {}): Error =>
  Object.assign(new Error('value "S3CRET" (S3CRET)=(S3CRET)'), { code, severity: 'ERROR' }, more);

test.each([
  ['28P01', 'CredentialsRejected'],
  ['3D000', 'DatabaseNotFound'],
  ['42501', 'PermissionDenied'],
  ['23505', 'KeyExists'],
  ['23502', 'ConstraintViolated'],
  ['23514', 'ConstraintViolated'],
  ['22P02', 'InvalidValue'],
  ['22003', 'InvalidValue'],
  ['22P04', 'RaggedRow'],
  ['P0001', 'ConstraintViolated'],
  ['40001', 'SessionLost'],
  ['40P01', 'SessionLost'],
  ['57P01', 'SessionLost'],
  ['25P04', 'SessionLost'],
  ['55P03', 'LockBusy'],
  ['53300', 'WarehouseBusy'],
  ['53100', 'WarehouseFull'],
  ['53200', 'WarehouseFull'],
  ['53400', 'WarehouseFull'],
  ['25006', 'WarehouseReadOnly'],
  ['08006', 'SessionLost'],
  ['ECONNREFUSED', 'WarehouseUnreachable'],
  ['ENOTFOUND', 'WarehouseUnreachable'],
  ['ECONNRESET', 'SessionLost'],
  ['XX000', 'WarehouseError'],
] as const)('SQLSTATE %s is %s', (state, code) => {
  expect(classifyPostgresError(pg(state))).toBe(code);
  const failure = postgresFailure(pg(state, { detail: 'S3CRET', where: 'COPY s, line 3, column c: "S3CRET"' }));
  expect(failure).toMatchObject({ type: code, nonRetryable: loadErrors[code].retry === false });
  expect(JSON.stringify(failure) + failure.message + (failure.stack ?? '')).not.toContain('S3CRET');
  expect(loadErrorCodes).toContain(code);
});

test('messages of the driver without a code are told by what they say', () => {
  expect(classifyPostgresError(new Error('Connection terminated unexpectedly'))).toBe('SessionLost');
  expect(classifyPostgresError(new Error('timeout exceeded when trying to connect'))).toBe('WarehouseUnreachable');
  expect(classifyPostgresError(new Error('self-signed certificate'))).toBe('TlsRefused');
  expect(classifyPostgresError(new Error('timeout expired'))).toBe('WarehouseUnreachable');
  expect(classifyPostgresError(null)).toBe('WarehouseError');
});

test('what the file system says is no error of the database, but for the file of a socket', () => {
  const errno = (code: string, syscall: string): Error => Object.assign(new Error(code), { code, syscall });
  expect(postgresFailure(errno('ENOENT', 'connect'))).toMatchObject({ type: 'WarehouseUnreachable' });
  expect(postgresFailure(errno('ENOSPC', 'write'))).toMatchObject({ message: 'ENOSPC', code: 'ENOSPC' });
});
