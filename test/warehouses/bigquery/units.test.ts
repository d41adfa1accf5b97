import { setTimeout as sleep } from 'node:timers/promises';
import { GuardFailed, sql } from '../../../activities/warehouses/sql/port';
import { clearStandinFaults, standinFault, standinJobs } from '../../services/bigquery/standin-client';
import { change, failureOf, number, openTestBackend, type TestBackend } from './support';

let backend: TestBackend;
beforeAll(async () => {
  backend = await openTestBackend();
});
beforeEach(() => backend.run('empty', sql`DELETE FROM ${backend.table} WHERE TRUE`));
afterEach(clearStandinFaults);

const lockState = async (): Promise<number> => {
  const [row] = await backend.rows<{ n: number }>('lock', sql`SELECT n FROM ${backend.lock} WHERE target = ${'t'}`);
  return row!.n;
};

describe('A unit of BigQuery', () => {
  it('does all of its statements and tells their numbers', async () => {
    const { table } = backend;
    const unit = backend.puts('all', {
      guards: [{ code: 'Fenced', holds: sql`SELECT COUNT(*) = 0 FROM ${table}` }],
      statements: [
        change('put', sql`INSERT INTO ${table} (text, n) VALUES (${'a'}, ${1}), (${'b'}, ${2}), (${null}, ${3})`),
        change('changed', sql`UPDATE ${table} SET n = n + 1 WHERE n > ${1}`),
        change('gone', sql`DELETE FROM ${table} WHERE text IS NULL`),
        number('left', sql`SELECT COUNT(*) FROM ${table}`),
        change('nothing', sql`DELETE FROM ${table} WHERE FALSE`),
      ],
    });
    expect(await backend.unit(unit)).toEqual({ put: 3, changed: 2, gone: 1, left: 2, nothing: 0 });
    expect(await backend.count()).toBe(2);
  });

  it('leaves nothing when its last statement fails', async () => {
    const before = await lockState();
    const unit = backend.puts('fails', {
      statements: [
        change('put', sql`INSERT INTO ${backend.table} (text, n) VALUES (${'a'}, ${1})`),
        number('broken', sql`SELECT CAST(${'secret-value'} AS INT64)`),
      ],
    });
    const error = await failureOf(backend.unit(unit));
    expect(error).toMatchObject({ type: 'InvalidValue' });
    expect(JSON.stringify([error.message, error.details])).not.toContain('secret-value');
    expect(await backend.count()).toBe(0);
    expect(await lockState()).toBe(before);
  });

  it('fails with the code of the guard that does not hold, whatever is in it, and leaves nothing', async () => {
    const before = await lockState();
    for (const code of ['Fenced', "it's `not` 100% ; -- so \n über"]) {
      const unit = backend.puts(`guard ${code}`, {
        guards: [
          { code: 'Holds', holds: sql`SELECT TRUE` },
          { code, holds: sql`SELECT n < 0 FROM ${backend.lock} WHERE target = ${'t'}` },
        ],
      });
      const error = await failureOf(backend.unit(unit));
      expect(error).toBeInstanceOf(GuardFailed);
      expect(error).toMatchObject({ code });
    }
    expect(await backend.count()).toBe(0);
    expect(await lockState()).toBe(before);
  });

  it('takes a guard that says nothing for one that does not hold', async () => {
    const holds = sql`SELECT n > 0 FROM ${backend.lock} WHERE FALSE`;
    const unit = backend.puts('null guard', { guards: [{ code: 'Silent', holds }] });
    expect(await failureOf(backend.unit(unit))).toMatchObject({ code: 'Silent' });
  });

  it('names the lock whose row is missing and leaves nothing', async () => {
    const locks = [
      ...backend.puts('x').locks,
      { object: 'target gone', sql: sql`UPDATE ${backend.lock} SET n = 0 WHERE target = ${'gone'}` },
    ];
    const error = await failureOf(backend.unit(backend.puts('no lock', { locks })));
    expect(error).toMatchObject({ type: 'LockRowMissing', details: [{ object: 'target gone' }] });
    expect(await backend.count()).toBe(0);
  });

  it('asked for again under its id happens once and answers alike', async () => {
    const unit = backend.puts('again');
    const first = await backend.unit(unit);
    const [second, third] = await Promise.all([backend.unit(unit), backend.unit(unit)]);
    expect([second, third]).toEqual([first, first]);
    expect(await backend.count()).toBe(1);
  });

  it('started twice at once happens once', async () => {
    const unit = backend.puts('twice at once');
    const answers = await Promise.all([1, 2, 3].map(() => backend.unit(unit)));
    expect(answers).toEqual([{ put: 1 }, { put: 1 }, { put: 1 }]);
    expect(await backend.count()).toBe(1);
  });

  it('is not taken for done when another text has run under its id', async () => {
    await backend.unit(backend.puts('other text'));
    const other = backend.puts('other text', {
      statements: [change('put', sql`DELETE FROM ${backend.table} WHERE TRUE`)],
    });
    const error = await failureOf(backend.unit(other));
    expect(error).toBeInstanceOf(GuardFailed);
    expect(error).toMatchObject({ code: 'UnitHappened' });
    expect(await backend.count()).toBe(1);
  });

  it('after a failure is tried anew under the next generation of its id', async () => {
    const guards = [{ code: 'Later', holds: sql`SELECT COUNT(*) > 0 FROM ${backend.table}` }];
    const unit = backend.puts('generations', { guards });
    expect(await failureOf(backend.unit(unit))).toMatchObject({ code: 'Later' });
    await backend.run('put', sql`INSERT INTO ${backend.table} (text, n) VALUES (${'x'}, ${1})`);
    expect(await backend.unit(unit)).toEqual({ put: 1 });
    expect(await backend.unit(unit)).toEqual({ put: 1 });
    expect(await backend.count()).toBe(2);
  });
});

describe('Units of BigQuery that want one lock', () => {
  it('all happen, one after the other, though BigQuery cancels all but one', async () => {
    const before = await lockState();
    const seen = number('seen', sql`SELECT COUNT(*) FROM ${backend.table}`);
    const units = ['a', 'b', 'c', 'd'].map((id) => {
      const unit = backend.puts(`race ${id}`);
      return { ...unit, name: 'race', statements: [seen, ...unit.statements] };
    });
    await standinFault({ match: 'POST .*/jobs .*loadline-race-', action: 'slow', ms: 60_000, times: units.length });
    // Settled: none may still be at it when one has failed.
    const all = Promise.allSettled(units.map((unit) => backend.unit(unit)));
    // They begin together.
    while ((await standinJobs('loadline-race-')).length < units.length) await sleep(5);
    await clearStandinFaults();
    const answers = await all;
    // Each has seen what those before it have done.
    expect(answers.map((a) => (a.status === 'fulfilled' ? a.value['seen'] : a.status)).sort()).toEqual([0, 1, 2, 3]);
    expect(await backend.count()).toBe(4);
    expect(await lockState()).toBe(before + 4);
    const cancelled = (await standinJobs('loadline-race-')).filter((job) => job.status.errorResult);
    expect(cancelled.length).toBeGreaterThan(0);
    for (const { status } of cancelled)
      expect(status.errorResult!.message).toMatch(/Transaction is aborted due to concurrent update/);
  });
});

describe('A unit of BigQuery whose answer is lost', () => {
  it('is found by its id when the job was started', async () => {
    await standinFault({ match: 'POST .*/jobs .*lost answer', action: 'drop-after' });
    expect(await backend.unit(backend.puts('lost answer'))).toEqual({ put: 1 });
    expect(await backend.count()).toBe(1);
  });

  it('is started again when the job was not', async () => {
    await standinFault({ match: 'POST .*/jobs .*lost question', action: 'drop-before', times: 2 });
    expect(await backend.unit(backend.puts('lost question'))).toEqual({ put: 1 });
    expect(await backend.count()).toBe(1);
  });

  it('tells its guard all the same', async () => {
    await standinFault({ match: 'POST .*/jobs .*lost guard', action: 'drop-after' });
    const guards = [{ code: 'Fenced', holds: sql`SELECT FALSE` }];
    expect(await failureOf(backend.unit(backend.puts('lost guard', { guards })))).toMatchObject({ code: 'Fenced' });
  });

  it('fails as of unknown outcome while nobody answers, and tells what has happened later', async () => {
    await standinFault({ match: 'GET .*/(jobs|queries)/loadline-silence-', action: 'drop-before', times: 100 });
    const unit = { ...backend.puts('silence'), name: 'silence' };
    expect(await failureOf(backend.unit(unit))).toMatchObject({ type: 'CommitOutcomeUnknown' });
    await clearStandinFaults();
    expect(await backend.unit(unit)).toEqual({ put: 1 });
    expect(await backend.count()).toBe(1);
  });

  it('fails as of unknown outcome when its numbers are lost, and never twice', async () => {
    await standinFault({ match: 'GET .*/queries/loadline-numbers-', action: 'status', status: 503, times: 100 });
    const unit = { ...backend.puts('numbers'), name: 'numbers' };
    expect(await failureOf(backend.unit(unit))).toMatchObject({ type: 'CommitOutcomeUnknown' });
    await clearStandinFaults();
    expect(await backend.unit(unit)).toEqual({ put: 1 });
    expect(await backend.count()).toBe(1);
  });

  it('is waited for when another attempt of it is still at work', async () => {
    await standinFault({ match: 'POST .*/jobs .*slow one', action: 'slow', ms: 500 });
    const unit = backend.puts('slow one');
    const answers = await Promise.all([backend.unit(unit), backend.unit(unit)]);
    expect(answers).toEqual([{ put: 1 }, { put: 1 }]);
    expect(await backend.count()).toBe(1);
  });

  it('ends when it is told to', async () => {
    await standinFault({ match: 'POST .*/jobs .*told to', action: 'slow', ms: 2_000 });
    const ending = new AbortController();
    const unit = backend.unit(backend.puts('told to'), { signal: ending.signal });
    ending.abort(new Error('enough'));
    expect(await failureOf(unit)).toMatchObject({ message: 'enough' });
  });
});
