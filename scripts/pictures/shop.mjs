// The project that the pictures show: orders of a shop, a day's files of each kind.
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

const files = {
  'loadline.config.ts': `
    import { defineConfig, env, localFiles, postgres } from 'loadline';
    export default defineConfig({
      warehouses: { analytics: postgres({ url: env('DATABASE_URL') }) },
      stores: { raw: localFiles({ root: './data' }) },
      contracts: ['./contracts/*.yml'],
      worker: { workflows: './workflows/orders-daily.ts' },
    });`,
  'contracts/orders.yml': `
name: orders
table: analytics/public.orders
columns:
  order_id: { type: text, from: Order ID }
  amount: { type: 'decimal(12,2)', range: { min: 0 }, severity: quarantine }
  ordered_on: { type: date, from: Date, format: dd.MM.yyyy }
  updated_at: { type: timestamptz, from: Updated At }
key: [order_id]
newest: updated_at
create: if-missing
`,
  'contracts/payments.yml': `
name: payments
table: analytics/public.payments
columns:
  payment_no: { type: text, pattern: '[A-Z]{2}\\d{8}', reason: bookkeeping cannot post other numbers }
  amount: { type: 'decimal(12,2)', range: { min: 0 }, severity: quarantine, failAbove: 10% }
  method: { type: text, accepted: [card, transfer, cash], severity: warn }
  iban: { type: text, masked: true }
  paid_at: { type: timestamptz, notNull: true }
  settled_on: { type: date }
key: [payment_no]
create: if-missing
rows: { min: 1, change: 80% }
checks:
  - { name: settled-after-payment, sql: 'settled_on >= paid_at::date', severity: quarantine }
  - { name: total, sum: { column: amount, min: 0 } }
`,
  'workflows/orders-daily.ts': `
    import { day, files, load, type LoadReceipt } from 'loadline/workflows';
    export async function ordersDaily(input: { day: string }): Promise<LoadReceipt> {
      return load({
        pipeline: 'orders-daily', into: 'orders', mode: 'merge',
        from: files('raw', 'orders/' + input.day + '/*.csv'), interval: day(input.day),
      });
    }`,
};

/** Makes the project in a folder. */
export function makeShop(folder, repository) {
  for (const [path, text] of Object.entries(files)) put(folder, path, text);
  mkdirSync(join(folder, 'node_modules'), { recursive: true });
  symlinkSync(repository, join(folder, 'node_modules', 'loadline'));
}

export function put(folder, path, text) {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), text);
}

/** A day's orders as CSV: `rows` of them, some known the day before, some with an amount that no order has. */
export function orders({ day, rows, from = 0, bad = 0 }) {
  const date = day.split('-').reverse().join('.');
  const lines = ['Order ID,amount,Date,Updated At'];
  for (let i = 0; i < rows; i++) {
    const amount = i < bad ? '-1.00' : ((i * 7919) % 50000) / 100;
    const time = new Date(Date.parse(`${day}T00:00:00Z`) + ((i * 37) % 86_400) * 1000).toISOString();
    lines.push(`A${String(from + i).padStart(9, '0')},${amount},${date},${time}`);
  }
  return `${lines.join('\n')}\n`;
}

/** A day's payments as CSV: fewer on Sundays, and so many with an amount that no payment has. */
export function payments({ day, from, bad }) {
  const date = new Date(`${day}T00:00:00Z`);
  const rows = (date.getUTCDay() === 0 ? 210 : 380) + ((from * 7) % 61);
  const lines = ['payment_no,amount,method,iban,paid_at,settled_on'];
  for (let i = 0; i < rows; i++) {
    const amount = i < bad ? '-5.00' : (4 + ((i * 7919 + from) % 9000) / 60).toFixed(2);
    const method = bad > 9 && i % 90 === 5 ? 'voucher' : ['card', 'card', 'transfer', 'cash'][i % 4];
    const time = new Date(date.getTime() + ((i * 211) % 86_400) * 1000).toISOString();
    const settled =
      bad > 9 && i % 5 > 2 ? '' : new Date(date.getTime() + (i % 3) * 86_400_000).toISOString().slice(0, 10);
    lines.push(`PX${String(from + i).padStart(8, '0')},${amount},${method},DE${i},${time},${settled}`);
    if (i % 40 === 0) lines.push(lines.at(-1));
  }
  return `${lines.join('\n')}\n`;
}
