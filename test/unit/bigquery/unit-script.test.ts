import fc from 'fast-check';
import { label, labelsOf } from '../../../activities/warehouses/bigquery/jobs';
import { countersOf, refusalOf, unitScript } from '../../../activities/warehouses/bigquery/unit-script';
import { sql, type Unit } from '../../../activities/warehouses/sql/port';

const unit: Unit = {
  name: 'publish',
  id: 'u1',
  locks: [{ object: 't', sql: sql`UPDATE l SET n = n + 1 WHERE target = ${'t'}` }],
  guards: [{ code: 'Fenced', holds: sql`SELECT fence = ${3} FROM c WHERE key = ${'k'}` }],
  statements: [
    { name: 'inserted', kind: 'change', sql: sql`INSERT INTO t (a, b, c) VALUES (${'t'}, ${null}, ${['x', 'y']})` },
    { name: 'rows', kind: 'number', sql: sql`SELECT COUNT(*) FROM t` },
  ],
};

describe('The script of a unit', () => {
  it('is one transaction between its counters and their query, without a handler', () => {
    expect(unitScript(unit).query).toBe(
      [
        'DECLARE _loadline_n0, _loadline_n1 INT64 DEFAULT 0;',
        'BEGIN TRANSACTION;',
        'UPDATE l SET n = n + 1 WHERE target = @p0;',
        "IF @@row_count = 0 THEN RAISE USING MESSAGE = 'loadline:lock:0'; END IF;",
        "IF NOT COALESCE((SELECT fence = @p1 FROM c WHERE key = @p2), FALSE) THEN RAISE USING MESSAGE = 'loadline:guard:Fenced'; END IF;",
        'INSERT INTO t (a, b, c) VALUES (@p0, NULL, @p3);',
        'SET _loadline_n0 = @@row_count;',
        'SET _loadline_n1 = (SELECT COUNT(*) FROM t);',
        'COMMIT TRANSACTION;',
        'SELECT _loadline_n0 AS n0, _loadline_n1 AS n1;',
      ].join('\n'),
    );
  });

  it('has its values as typed parameters, each value once', () => {
    expect(unitScript(unit).queryParameters).toEqual([
      { name: 'p0', parameterType: { type: 'STRING' }, parameterValue: { value: 't' } },
      { name: 'p1', parameterType: { type: 'INT64' }, parameterValue: { value: '3' } },
      { name: 'p2', parameterType: { type: 'STRING' }, parameterValue: { value: 'k' } },
      {
        name: 'p3',
        parameterType: { type: 'ARRAY', arrayType: { type: 'STRING' } },
        parameterValue: { arrayValues: [{ value: 'x' }, { value: 'y' }] },
      },
    ]);
  });

  it('tells values apart that look alike', () => {
    const given = [1, '1', true, 'true', 1.5, '1.5', ['1']] as const;
    const statements = given.map((value, i) => ({ name: `${i}`, kind: 'number' as const, sql: sql`SELECT ${value}` }));
    const { queryParameters } = unitScript({ ...unit, locks: [], guards: [], statements });
    expect(queryParameters.map(({ parameterType }) => parameterType.type)).toEqual([
      'INT64',
      'STRING',
      'BOOL',
      'STRING',
      'FLOAT64',
      'STRING',
      'ARRAY',
    ]);
  });

  it('has a hash that changes with its text and with its values, and with nothing else', () => {
    const { hash } = unitScript(unit);
    expect(unitScript({ ...unit, id: 'u2', name: 'other' }).hash).toBe(hash);
    expect(
      unitScript({ ...unit, guards: [{ code: 'Fenced', holds: sql`SELECT fence = ${4} FROM c WHERE key = ${'k'}` }] })
        .hash,
    ).not.toBe(hash);
    expect(unitScript({ ...unit, statements: unit.statements.slice(1) }).hash).not.toBe(hash);
  });

  it('fails with what its reader finds again, whatever the code is', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (code) => {
        const { query } = unitScript({ ...unit, guards: [{ code, holds: sql`SELECT FALSE` }] });
        const said = /MESSAGE = '(loadline:guard:[^']*)'/.exec(query)![1]!;
        expect(refusalOf(`Query error: ${said} at [4:5]`)).toEqual({ kind: 'guard', what: code });
      }),
    );
    expect(refusalOf('Query error: Division by zero')).toBeNull();
  });

  it('without statements tells no numbers', () => {
    const { query } = unitScript({ ...unit, statements: [] });
    expect(query).toMatch(/^BEGIN TRANSACTION;[^]*SELECT 1 AS done;$/);
    expect(countersOf({ ...unit, statements: [] }, { done: 1 })).toEqual({});
  });
});

describe('A label', () => {
  it('is what BigQuery takes, whatever it is made of', () => {
    fc.assert(fc.property(fc.string(), (given) => /^[a-z0-9_-]{0,63}$/.test(label(given))));
    expect(labelsOf({ team: 'data' }, 'publish', { loadId: '01J-Ab', pipeline: 'Orders Daily' }, 'h')).toEqual({
      team: 'data',
      loadline: 'publish',
      loadline_load: '01j-ab',
      loadline_pipeline: 'orders_daily',
      loadline_text: 'h',
    });
  });
});
