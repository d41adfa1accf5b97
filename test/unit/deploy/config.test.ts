import { resolveConfig } from '../../../workers/config';

const resolve = (worker: object) =>
  resolveConfig({ warehouses: {}, stores: {}, contracts: [], worker }, '/tmp/loadline-none/loadline.config.ts', null);

test('a deployment is pinned unless it is said otherwise; without one there are no versions', async () => {
  expect((await resolve({ buildId: 'v1', deployment: 'orders' })).deployment).toEqual({ name: 'orders', versioning: 'pinned' }); // prettier-ignore
  expect((await resolve({ buildId: 'v1' })).deployment).toBeNull();
});

test.each([
  [{ buildId: 'v1', deployment: 'or.ders' }, /worker\.deployment/],
  [{ buildId: 'v1', deployment: 'or:ders' }, /worker\.deployment/],
  [{ buildId: 'v1', versioning: 'pinned' }, /worker\.versioning/],
  [{ deployment: 'orders' }, /worker\.buildId/],
])('%j is refused by the name of the option', async (worker, option) => {
  await expect(resolve(worker)).rejects.toThrow(option);
});
