import { code, counted, endText, failureText } from '../../../workflows/story-text';
import type { LoadReceipt, TableReceipt } from '../../../workflows/contract';

const table: TableReceipt = { table: 'shop.public.orders', mode: 'merge', read: 1_234_567, duplicates: 0, quarantined: 67, inserted: 1_234_500, updated: 0, unchanged: 0, stale: 0, deleted: 0, removed: 0 }; // prettier-ignore
const warning = {
  code: 'RowsQuarantined',
  message: '67 rows were set aside. To see them: loadline quarantine show 5f0c8c1c2e3a4b5d6e7f8091',
};
const receipt = { outcome: 'loaded', tables: [table], warnings: [warning], publishedAt: '2026-11-22T05:00:00.000Z', workflowId: 'w' } as unknown as LoadReceipt; // prettier-ignore

test('the end of a load is a list of what happened, with a command that can be copied', () => {
  expect(endText(receipt)).toMatchInlineSnapshot(`
   "- **1,234,567** read
   - **1,234,500** inserted
   - **67** quarantined

   ! **RowsQuarantined** 67 rows were set aside. To see them:

   \`\`\`sh
   loadline quarantine show 5f0c8c1c2e3a4b5d6e7f8091
   \`\`\`"
  `);
});

test('what was loaded before says when and by whom, and that nothing was changed', () => {
  expect(endText({ ...receipt, warnings: [], outcome: 'already-loaded' }).split('\n')[0]).toBe(
    'Nothing was changed: this content was published 2026-11-22 05:00:00 UTC by workflow `w`. What it did then:',
  );
});

test('several tables are told apart', () => {
  const two = [table, { ...table, table: 'shop.public.lines', read: 0, inserted: 0, quarantined: 0 }];
  expect(endText({ ...receipt, warnings: [], tables: two })).toContain('`shop.public.lines`, merge\n\n- none read');
});

test('a failure names its code and where to read on; names are no Markdown', () => {
  expect(failureText('BatchChanged', 'Other content.')).toBe(
    '**BatchChanged** Other content.\n\nMore: `loadline explain BatchChanged`',
  );
  expect(code('a`b*c')).toBe("`a'b*c`");
  expect([0, 999, 1000, 1_234_567].map(counted)).toEqual(['0', '999', '1,000', '1,234,567']);
});
