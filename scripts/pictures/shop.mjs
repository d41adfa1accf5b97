// The project that the pictures show: orders of a shop, a day's files of each kind.
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

const files = {
  'loadline.config.ts': `
    import { defineConfig, env, localFiles, postgres } from 'loadline';
    export default defineConfig({
      warehouses: { analytics: postgres({ url: env('DATABASE_URL') }) },
      stores: { raw: localFiles({ root: './data' }) },
      contracts: ['./contracts/orders.yml'],
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
