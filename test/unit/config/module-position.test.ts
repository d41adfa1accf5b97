import { positionInModule } from '../../../activities/contracts';

const source = `import { defineContract } from 'loadline';
const note = 'amount: of refunds';
export const payments = defineContract({
  name: 'payments',
  columns: {
    id: { type: 'integer' },
    'gross.amount': { type: 'text', range: { min: 1 } },
    amount: { type: 'text' },
  },
});
export const refunds = defineContract({
  "name": "refunds",
  columns: {
    total_amount: { type: 'text', range: { min: 0 } },
    amount: {
      type: 'decimal(12,2)',
      range: { min: 0 },
    },
  },
});
`;

test.each([
  ['refunds', ['columns', 'amount', 'range'], ':17:7'],
  ['refunds', ['columns', 'amount'], ':15:5'],
  ['payments', ['columns', 'amount', 'type'], ':8:15'],
  ['payments', ['columns', 'gross.amount', 'range'], ':7:37'],
  // As far as it is found.
  ['refunds', ['columns', 'amount', 'pattern'], ':15:5'],
  ['refunds', ['checks', 0], ':12:4'],
])('a part of %s in TypeScript: %j is at %s', (name, path, place) => {
  expect(positionInModule(source, { name }, path)).toBe(place);
});

test('of a contract that is written elsewhere no line is told', () => {
  expect(positionInModule('import { payments } from "./payments";', { name: 'payments' }, ['columns'])).toBe('');
});

test('an entry of a list is found by the name that it says', () => {
  const text =
    "const a = {\n  name: 'a',\n  columns: {},\n  checks: [\n    { name: 'x', sql: '1' },\n    { name: 'y', sqll: '1' },\n  ],\n};";
  const contract = { name: 'a', columns: {}, checks: [{ name: 'x' }, { name: 'y', sqll: '1' }] };
  expect(positionInModule(text, contract, ['checks', 1, 'sqll'])).toBe(':6:18');
});

test('a contract without a name is found where no other is written', () => {
  expect(positionInModule('export default {\n  columns: { id: {} },\n};', { columns: {} }, ['columns', 'id'])).toBe(
    ':2:14',
  );
  expect(positionInModule(source, { columns: {} }, ['columns'])).toBe('');
});
