import { jsonMembers, jsonText } from '../../../activities/warehouses/sql/json-members';

const of = (text: string): [string, string][] => jsonMembers(text).map(({ name, raw }) => [name, raw]);

test('members of an object keep their order, their names and every digit', () => {
  const text = ` { "id" : 9007199254740993.10 ,"a\\"b}": "x, \\"}{ \\\\" , "doc":{"a":[1,"]",{"b":"}"}]}, "n":null,"t":true, "":-1e9}`;
  expect(of(text)).toEqual([
    ['id', '9007199254740993.10'],
    ['a"b}', '"x, \\"}{ \\\\"'],
    ['doc', '{"a":[1,"]",{"b":"}"}]}'],
    ['n', 'null'],
    ['t', 'true'],
    ['', '-1e9'],
  ]);
  expect(of('{}')).toEqual([]);
});

test('a value is text without its quotes, and null is none', () => {
  expect(['"a\\nb"', 'null', '1.50', '{"a": 1}'].map(jsonText)).toEqual(['a\nb', null, '1.50', '{"a": 1}']);
});

test.each(['', '[]', '{', '{"a"', '{"a":', '{"a":[1,2', '"x"', '{a:1}', '{"a":"x'])('%j is refused', (text) => {
  expect(() => jsonMembers(text)).toThrow(SyntaxError);
});
