import { validateContract } from '../../../activities/contracts';
import { snowflakeDialect } from '../../../activities/warehouses/snowflake/dialect';
import { refuseUnsupported } from '../../../activities/warehouses/sql/catalogue';
import type { Engine } from '../../../activities/warehouses/sql/engine';

test('a contract that sets rows aside is refused by a warehouse that cannot write a row as JSON, before anything is read', () => {
  const { jsonObject: _, ...plain } = snowflakeDialect;
  const contract = (severity: 'fail' | 'quarantine') =>
    validateContract(
      { name: 't', table: 'main/s.t', columns: { v: { type: 'text', notNull: true, severity } } },
      'the test',
    );
  const refuse = (dialect: Engine['dialect'], severity: 'fail' | 'quarantine') => () =>
    refuseUnsupported({ dialect } as Engine, contract(severity));
  expect(refuse(plain, 'quarantine')).toThrow(
    expect.objectContaining({ type: 'NotSupported', message: expect.stringContaining('contract t') }),
  );
  expect(refuse(plain, 'fail')).not.toThrow();
  expect(refuse(snowflakeDialect, 'quarantine')).not.toThrow();
});
