import { renderHeld } from '../../../cli/held-output';
import type { HeldLoad } from '../../../workflows/contract';
import { heldText } from '../../../workflows/story-text';
import { choicesOf } from '../../../workflows/verdict';

const checks = [
  { id: 'amount.range', kind: 'range', scope: 'row', broken: 1, of: 3, expected: '0 or more', got: '1 of 3 rows' },
] as const;
const failed = [
  { table: 'shop.public.orders', sha256: 'a', rows: 3, checks, whole: [], impossible: { release: 'NotUnique [orders.mail]: 1 values' } },
]; // prettier-ignore
const held: HeldLoad = { loadKey: 'v1/orders', failed, choices: choicesOf(failed), until: '2026-11-22T05:00:00.000Z', then: 'reject' }; // prettier-ignore

test('a verdict that the table would not take is not offered, and why is told', () => {
  const told = 'The table would not take a release: NotUnique [orders.mail]: 1 values.';
  for (const text of [renderHeld(held), heldText(held, 'w')]) {
    expect(text).toContain(told);
    expect(text).toContain(`loadline held quarantine 'v1/orders'`);
    expect(text).not.toContain('loadline held release');
  }
});
