import os from 'node:os';
import { signedBy } from '../../../cli/commands/loads-undo';

afterEach(() => jest.restoreAllMocks());

test('whoever says nothing signs with the user of the machine, who may be a number without a name', () => {
  const machine = os.hostname();
  expect(signedBy({ reason: ' wrong ' })).toEqual({ by: `${os.userInfo().username}@${machine}`, reason: 'wrong' });
  jest.spyOn(os, 'userInfo').mockImplementation(() => {
    throw new Error('A system error occurred: uv_os_get_passwd returned ENOENT');
  });
  expect(signedBy({ reason: 'wrong' }).by).toBe(`uid ${process.getuid?.()}@${machine}`);
  expect(signedBy({ reason: 'wrong', by: ' Ana ' }).by).toBe('Ana');
});
