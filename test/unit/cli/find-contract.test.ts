import { inSource } from '../../../cli/find-contract';

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
  expect(inSource(source, name, path)).toBe(place);
});

test('of a contract that is written elsewhere no line is told', () => {
  expect(inSource('import { payments } from "./payments";', 'payments', ['columns'])).toBe('');
});
