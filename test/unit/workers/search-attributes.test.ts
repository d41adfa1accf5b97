import { searchAttributeNames, searchAttributeType, searchAttributesOf } from '../../../workers/search-attributes';
import type { SearchAttributeLister } from '../../../workers/search-attributes';

test('loads that start while the server is being asked for its attributes get its answer', async () => {
  const customAttributes = Object.fromEntries(searchAttributeNames.map((name) => [name, searchAttributeType(name).number])); // prettier-ignore
  let asked = 0;
  const listSearchAttributes = () => (asked++, Promise.resolve({ customAttributes }));
  const has = searchAttributesOf(
    { operatorService: { listSearchAttributes } } as unknown as SearchAttributeLister,
    'n',
  );
  expect(await Promise.all([has(), has(), has()])).toEqual([true, true, true]);
  expect(await has()).toBe(true);
  expect(asked).toBe(1);
});
