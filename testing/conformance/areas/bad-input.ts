import assert from 'node:assert/strict';
import { gzipSync } from 'node:zlib';
import type { LoadErrorCode } from '../../../workflows/load-error-code';
import type { Suite } from '../suite';
import { carry } from '../support/carry';
import { expectFailure, textOf } from '../support/expect';
import type { Ground } from '../support/ground';
import type { TableOptions } from '../support/table';

const secret = 'S3CRET-VALUE';

interface BadFile {
  readonly what: string;
  readonly content: string | Buffer;
  readonly ending?: string;
  readonly table?: TableOptions;
  readonly code: LoadErrorCode;
  /** What the failure has to name. */
  readonly names: readonly string[];
}

const badFiles: readonly BadFile[] = [
  { what: 'a row with too many fields', content: `id,v\n1,a\n2,${secret},3\n`, code: 'RaggedRow', names: ['.csv', 'line 3'] },
  { what: 'a row with too few fields', content: `id,v\n1,${secret}\n2\n`, code: 'RaggedRow', names: ['.csv', 'line 3'] },
  { what: 'a packed file that ends early', ending: 'csv.gz', content: gzipSync(`id,v\n${`1,${secret}\n`.repeat(50_000)}`).subarray(0, -20), code: 'CorruptFile', names: ['.csv.gz'] },
  { what: 'bytes that are no UTF-8', content: Buffer.from(`id,v\n1,${secret}\xe9\n`, 'latin1'), code: 'InvalidEncoding', names: ['.csv'] },
  { what: 'a word where a number is due', content: `id,v\n1,a\n${secret},b\n`, code: 'InvalidValue', names: ['.csv', 'id'] },
  { what: 'a word where a number is due, in JSON', ending: 'ndjson', content: `{"id":"${secret}","v":"a"}\n`, code: 'InvalidValue', names: ['.ndjson', 'id'] },
  { what: 'a number that is too large', content: `id,v\n99999999999999999999,${secret}\n`, code: 'InvalidValue', names: ['.csv', 'id'] },
  { what: 'a date that there is not', content: `id,v\n1,2026-02-31\n`, table: { columns: { id: { type: 'bigint' }, v: { type: 'date' } } }, code: 'InvalidValue', names: ['.csv', 'v'] },
  { what: 'a decimal that is too large', content: `id,v\n1,99999\n`, table: { columns: { id: { type: 'bigint' }, v: { type: 'decimal(4,2)' } } }, code: 'InvalidValue', names: ['.csv', 'v'] },
  { what: 'a missing column', content: `id,w\n1,${secret}\n`, code: 'MissingColumn', names: ['.csv', 'v'] },
  { what: 'a column that the contract does not name', content: `id,v,w\n1,a,${secret}\n`, code: 'UnknownColumn', names: ['.csv', 'w'] },
  { what: 'a key without a value', content: `id,v\n,${secret}\n2,b\n`, code: 'NullKey', names: ['id'] },
  { what: 'rows that contradict each other', content: `id,v\n1,${secret}\n1,b\n2,c\n`, code: 'ConflictingDuplicates', names: ['1 key'] },
  { what: 'rows of one key and one time that contradict each other', content: `id,v\n1,2026-01-01T00:00:00Z\n1,2026-01-01T00:00:00Z\n1,\n`, table: { columns: { id: { type: 'bigint' }, v: { type: 'timestamptz', notNull: true } }, newest: 'v', hold: false }, code: 'NullValue', names: ['v'] },
  { what: 'no value where one is due', content: `id,v\n1,\n`, table: { columns: { id: { type: 'bigint' }, v: { type: 'text', notNull: true } }, hold: false }, code: 'NullValue', names: ['v'] },
  { what: 'a value out of its range', content: `id,v\n1,-5\n2,7\n`, table: { columns: { id: { type: 'bigint' }, v: { type: 'decimal(9,2)', range: { min: 0 } } }, hold: false }, code: 'OutOfRange', names: ['v', '1 of 2'] },
  { what: 'a value twice that must be unique', content: `id,v\n1,${secret}\n2,${secret}\n`, table: { columns: { id: { type: 'bigint' }, v: { type: 'text', unique: true } } }, code: 'NotUnique', names: ['v'] },
  { what: 'too few rows', content: `id,v\n1,${secret}\n`, table: { rows: { min: 2 }, hold: false }, code: 'RowCount', names: ['2 or more'] },
]; // prettier-ignore

const columns = { id: { type: 'bigint' }, v: { type: 'text' } } as const;

/** Input that is wrong: it is named, its values are not, and nothing is written. */
export function badInput(suite: Suite): void {
  const test = suite.test.bind(suite, 'refusals');
  suite.area('bad input is refused with all as before:', () => {
    for (const bad of badFiles) test(bad.what, (ground) => refused(ground, bad));

    test('a value that must be unique and is in the table already', async (ground) => {
      const table = ground.table({ columns: { id: { type: 'bigint' }, v: { type: 'text', unique: true } } });
      await carry(ground.run(), table.csv('append', [`1,${secret}`], { day: 1 }));
      const failure = await expectFailure(carry(ground.run(), table.csv('merge', [`2,${secret}`], { day: 2 })), 'NotUnique'); // prettier-ignore
      assert.ok(!textOf(failure).includes(secret));
      assert.equal(await table.text(), `1:${secret}`);
    });

    test('a table that is not there', async (ground) => {
      const table = ground.table({ create: 'never' });
      await expectFailure(carry(ground.run(), table.csv('append', ['1,a,'], { day: 1 })), 'TargetNotFound');
    });

    test('a table whose column is of a type that cannot hold the values', async (ground) => {
      const table = ground.table({ columns });
      await table.create({ id: 'boolean', v: 'text' });
      const failure = await expectFailure(
        carry(ground.run(), table.csv('append', ['1,a'], { day: 1 })),
        'SchemaMismatch',
      );
      assert.match(failure.message, /id/);
    });

    test('a table that lacks a column', async (ground) => {
      const table = ground.table({ columns });
      await table.create({ id: 'bigint' });
      const failure = await expectFailure(
        carry(ground.run(), table.csv('append', ['1,a'], { day: 1 })),
        'SchemaMismatch',
      );
      assert.match(failure.message, /v/);
    });
  });
}

async function refused(
  ground: Ground,
  { content, ending = 'csv', table: more = {}, code, names }: BadFile,
): Promise<void> {
  const table = ground.table({ columns, ...more });
  await table.create();
  const run = ground.run();
  const failure = await expectFailure(carry(run, table.content('append', ending, content, { day: 1 })), code);
  for (const name of names) assert.ok(failure.message.includes(name), `"${name}" is not named: ${failure.message}`);
  assert.ok(!textOf(failure).includes(secret), `a value is told: ${textOf(failure)}`);
  const [details] = failure.details;
  assert.ok(details.object && details.remedy && failure.message.includes(details.remedy), failure.message);
  assert.deepEqual(await table.rows(), []);
  const key = (await ground.warehouse.list({ pipeline: table.contract.name, limit: 1 }))[0];
  assert.ok(!key || key.state === 'open', `the load is ${key?.state}`);
  if (!key) return;
  await ground.warehouse.sweep(async (workflowId) => workflowId === run.workflowId);
  assert.deepEqual((await ground.warehouse.show(key.loadKey)).stages, []);
}
