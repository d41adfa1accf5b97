import { refuseStranger } from '../../../client/deploy/rollback';

const build = (buildId: string, currentAtMs: number | null) =>
  ({ buildId, state: 'inactive', currentAtMs, rampingSinceMs: null }) as const;
const builds = [build('v1', 1), build('v2', null)];

test('a rollback goes back only to a build that was current: no other has shown anything', () => {
  expect(() => refuseStranger('orders', 'v1', builds)).not.toThrow();
  expect(() => refuseStranger('orders', 'v2', builds)).toThrow('never current');
  expect(() => refuseStranger('orders', 'v9', builds)).toThrow('no such build');
});
