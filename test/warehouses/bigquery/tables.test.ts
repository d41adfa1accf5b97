import { bigQueryBackend } from '../../../activities/warehouses/bigquery';
import { raw, sql } from '../../../activities/warehouses/sql/port';
import { clearStandinFaults, standinFault, standinJobs } from '../../services/bigquery/standin-client';
import { change, failureOf, openTestBackend, standinConfig, type TestBackend } from './support';

let backend: TestBackend;
beforeAll(async () => {
  backend = await openTestBackend();
});
afterEach(clearStandinFaults);

const named = (name: string) => raw(`${backend.ledgerSchema}.${backend.dialect.ident(name)}`);

describe('Tables of BigQuery', () => {
  it('are found by the words of a contract, with the types that a CREATE takes', async () => {
    const types = [
      'INT64',
      'NUMERIC(12, 2)',
      'BIGNUMERIC(38, 20)',
      'STRING',
      'BOOL',
      'DATE',
      'TIME',
      'DATETIME',
      'TIMESTAMP',
      'BYTES',
      'FLOAT64',
    ];
    const columns = types.map((type, i) => `c${i} ${type}${i === 0 ? ' NOT NULL' : ''}`);
    await backend.run('make', sql`CREATE TABLE ${named('found')} (${raw(columns.join(', '))})`);
    const { config } = backend;
    const table = await backend.findTable(`warehouse/${config.ledgerDataset}.found`);
    expect(table).toMatchObject({ target: `test-project.${config.ledgerDataset}.found`, kind: 'table' });
    expect(table!.columns.map(({ name }) => name)).toEqual(types.map((_, i) => `c${i}`));
    expect(table!.columns.map(({ nullable }) => nullable)).toEqual(types.map((_, i) => i > 0));
    expect(await backend.findTable('warehouse/found')).toEqual(table);
    expect(await backend.findTable('warehouse/no.such')).toBeNull();
    expect(await backend.findTable('warehouse/missing')).toBeNull();
    expect(await backend.identityOf('warehouse/d.t%2Ex')).toBe('test-project.d.t%2Ex');
  });

  it('that are views are told from tables', async () => {
    await backend.run('make', sql`CREATE VIEW ${named('a_view')} AS SELECT 1 AS n`);
    expect(await backend.findTable('warehouse/a_view')).toMatchObject({ kind: 'other' });
  });

  it('need a dataset', async () => {
    const without = bigQueryBackend(standinConfig('x', { dataset: null }));
    expect(await failureOf(without.identityOf('warehouse/t'))).toMatchObject({ type: 'InvalidRequest' });
  });

  it('are made with the layout of their contract', async () => {
    const { dialect } = backend;
    const columns = { id: { type: 'text' }, at: { type: 'timestamptz' } };
    const layout = dialect.tableOptions!({ columns, key: ['id'], partition: { column: 'at', by: 'day' } });
    const defined = Object.entries(columns).map(([name, { type }]) => `${dialect.ident(name)} ${dialect.type(type)}`);
    await backend.run('make', sql`CREATE TABLE ${named('laid_out')} (${raw(defined.join(', '))})${raw(layout)}`);
    expect(await backend.findTable('warehouse/laid_out')).toMatchObject({ kind: 'table' });
  });

  it('do not refuse a second row with one key: nothing here may rely on it', async () => {
    await backend.run('make', sql`CREATE TABLE ${named('keys')} (id STRING, PRIMARY KEY (id) NOT ENFORCED)`);
    for (const id of ['a', 'a']) await backend.run('put', sql`INSERT INTO ${named('keys')} (id) VALUES (${id})`);
    expect(await backend.count(named('keys'))).toBe(2);
  });
});

describe('A statement on BigQuery', () => {
  it('tells the rows that it changed, and reads what it wrote', async () => {
    const { table } = backend;
    expect(await backend.run('put', sql`INSERT INTO ${table} (text, n) VALUES (${'a'}, ${1}), (${'b'}, ${2})`)).toBe(2);
    expect(await backend.run('change', sql`UPDATE ${table} SET n = 5 WHERE n > ${1}`)).toBe(1);
    expect(await backend.rows('read', sql`SELECT text, n FROM ${table} ORDER BY n`)).toEqual([
      { text: 'a', n: 1 },
      { text: 'b', n: 5 },
    ]);
    expect(await backend.run('gone', sql`DELETE FROM ${table} WHERE TRUE`)).toBe(2);
  });

  it('reads as many rows as there are', async () => {
    const many = sql`SELECT n FROM UNNEST(GENERATE_ARRAY(1, 25000)) AS n ORDER BY n`;
    const rows = await backend.rows<{ n: number }>('many', many);
    expect(rows).toHaveLength(25_000);
    expect(rows.at(-1)).toEqual({ n: 25_000 });
  });

  it('is tried again when the service fails, under the same id, and happens once', async () => {
    await standinFault({ match: 'POST .*/jobs .*tried again', action: 'status', status: 503, times: 2 });
    await standinFault({ match: 'POST .*/jobs .*tried again', action: 'drop-after' });
    const put = sql`INSERT INTO ${backend.table} (text, n) VALUES (${'tried again'}, ${1})`;
    await backend.run('again', put);
    expect(await backend.count()).toBe(1);
    await backend.run('gone', sql`DELETE FROM ${backend.table} WHERE TRUE`);
  });

  it('says that a quota is used up, and when to come back', async () => {
    await standinFault({
      match: 'POST .*/jobs .*quota',
      action: 'status',
      status: 403,
      reason: 'quotaExceeded',
      times: 99,
    });
    const error = await failureOf(backend.run('quota', sql`SELECT ${'quota'}`));
    expect(error).toMatchObject({ type: 'WarehouseBusy', nextRetryDelay: 60_000 });
  });

  it('names what is not there, and says what is refused', async () => {
    expect(await failureOf(backend.rows('none', sql`SELECT 1 FROM ${named('none')}`))).toMatchObject({
      type: 'TargetNotFound',
    });
    await standinFault({
      match: 'POST .*/jobs .*denied',
      action: 'status',
      status: 403,
      reason: 'accessDenied',
      times: 9,
    });
    expect(await failureOf(backend.rows('denied', sql`SELECT ${'denied'}`))).toMatchObject({
      type: 'PermissionDenied',
    });
  });

  it('cannot be reached where nobody listens', async () => {
    const nowhere = bigQueryBackend(standinConfig('x', { apiEndpoint: 'http://127.0.0.1:9', location: 'US' }));
    expect(await failureOf(nowhere.rows('x', sql`SELECT 1`))).toMatchObject({ type: 'WarehouseUnreachable' });
  });

  it('is not run when it would be billed for more than is allowed', async () => {
    const thrifty = bigQueryBackend({ ...backend.config, maximumBytesBilled: '1' });
    const error = await failureOf(thrifty.rows('dear', sql`SELECT n FROM ${backend.table}`));
    expect(error).toMatchObject({ type: 'InvalidConfig', nonRetryable: true });
    expect(error.message).toMatch(/maximumBytesBilled/);
    const unit = backend.puts('dear', { statements: [change('put', sql`DELETE FROM ${backend.table} WHERE TRUE`)] });
    expect(await failureOf(thrifty.unit(unit))).toMatchObject({ type: 'InvalidConfig' });
  });

  it('can be asked what it would read', async () => {
    await backend.run('fill', sql`INSERT INTO ${backend.table} (text, n) VALUES (${'abc'}, ${1}), (${'de'}, ${2})`);
    expect(await backend.bytesOf('estimate', sql`SELECT n FROM ${backend.table} WHERE n = ${1}`)).toBe(16);
    expect(await backend.bytesOf('estimate', sql`DELETE FROM ${backend.table} WHERE n = ${1}`)).toBe(16 + 2 * 2 + 5);
    const missing = backend.bytesOf('estimate', sql`DELETE FROM ${named('nowhere')} WHERE TRUE`);
    expect(await failureOf(missing)).toMatchObject({ type: 'TargetNotFound' });
  });

  it('is labelled with the load that it is for', async () => {
    const labelled = bigQueryBackend({ ...backend.config, labels: { team: 'data' } });
    const open = { loadId: 'L-Labelled', loadKey: 'k', pipeline: 'Täglich!' };
    await labelled.rows('labelled', sql`SELECT 1 AS n`, { open });
    const [job] = await standinJobs('loadline-labelled-');
    expect(job!.configuration.labels).toEqual({
      team: 'data',
      loadline: 'labelled',
      loadline_load: 'l-labelled',
      loadline_pipeline: 't_glich_',
    });
  });
});

describe('The health of BigQuery', () => {
  it('finds datasets that are missing, and makes them', async () => {
    const fresh = bigQueryBackend(standinConfig(`fresh_${process.pid}`));
    const before = await fresh.health();
    expect(before.map(({ ok }) => ok)).toEqual([true, false, false]);
    await before[1]!.fix!();
    expect((await fresh.health()).map(({ ok }) => ok)).toEqual([true, true, true]);
  });

  it('finds datasets in another place than jobs run', async () => {
    const elsewhere = bigQueryBackend({ ...backend.config, location: 'EU' });
    const found = await elsewhere.health();
    expect(found.slice(1).map(({ ok, found: place }) => [ok, place])).toEqual([
      [false, 'in US'],
      [false, 'in US'],
    ]);
  });
});
