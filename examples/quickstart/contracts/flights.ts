import { defineContract } from 'loadline';

/** US domestic flights of 2001: three million rows without a key, divided by month. */
export const flights = defineContract({
  name: 'flights',
  table: 'main/flights',
  columns: {
    date: { type: 'timestamp', notNull: true },
    delay: { type: 'integer' },
    distance: { type: 'integer', range: { min: 0 } },
    origin: { type: 'text', notNull: true },
    destination: { type: 'text', notNull: true },
  },
  partition: { column: 'date', by: 'month' },
  create: 'if-missing',
});
