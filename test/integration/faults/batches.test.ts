import type { LoadReceipt, LoadRequest } from '../../../workflows/contract';
import { held } from '../holds/support/held';
import { codeOf } from '../support/failures';
import { openLab, type Lab } from '../support/lab';
import { dayOf } from '../support/source';
import {
  batchFaults,
  historyFaults,
  type BatchFault,
  type HistoryFault,
  type WholeSeverity,
} from './support/batch-faults';
import { contentOf, whileReading, type Reader } from './support/reader';
import { refusedFaults, type RefusedFault } from './support/refused-faults';
import { arrivedOf, csv, inTurn, keptOf, prepare, type Line } from './support/tables';

let lab: Lab;
beforeAll(async () => {
  lab = inTurn(await openLab('batch_faults'));
});
afterAll(() => lab.stop());

/** A load that fails a check of its whole batch, and what its table holds before and, if all of it is published, after. */
interface Whole {
  readonly id: string;
  readonly request: LoadRequest;
  readonly table: string;
  readonly before: string;
  readonly after: string;
}

/** Published with a warning, or held: then not seen before it is released, and never if it is rejected. */
const ends: Readonly<Record<string, readonly [WholeSeverity, (load: Whole) => Promise<LoadReceipt>]>> = {
  'is loaded with a warning': ['warn', ({ request, id, table, before, after }) =>
    sees(table, [before, after], async () => {
      const receipt = await lab.load(request);
      expect(receipt.tables[0]!.checks!.filter((c) => c.verdict === 'warn').map((c) => c.id)).toContain(id);
      return receipt;
    })],
  'waits, and is seen when it is released': ['fail', (load) =>
    sees(load.table, [load.before, load.after], (reader) => decided(load, reader, 'release'))],
  'waits, and is never seen when it is rejected': ['fail', (load) =>
    sees(load.table, [load.before], (reader) => decided(load, reader, 'reject'))],
}; // prettier-ignore

async function sees<T>(table: string, expected: readonly string[], work: (reader: Reader) => Promise<T>): Promise<T> {
  const { result, seen } = await whileReading(lab, table, work);
  expect(seen).toEqual(expected);
  return result;
}

async function decided({ request, id, before }: Whole, reader: Reader, verdict: 'release' | 'reject') {
  const load = await held(lab, request);
  expect(load.load).toMatchObject({ choices: ['release', 'reject'], failed: [{ checks: [{ id }] }] });
  expect(await codeOf(load.decide({ verdict: 'quarantine' }))).toBe('VerdictRefused');
  await reader.again();
  expect(reader.seen()).toEqual([before]);
  await load.decide({ verdict });
  const receipt = await load.result();
  expect(receipt.outcome).toBe(verdict === 'release' ? 'loaded' : 'rejected');
  return receipt;
}

describe.each(Object.entries(ends))('a batch that %s: it has', (_, [severity, end]) => {
  test.each(batchFaults)('$what ($mode)', async ({ mode, v, contract, rows, id }: BatchFault) => {
    const columns = { v };
    const lines = rows.map((values, i): Line => ({ id: i + 1, mark: 'bad', values }));
    const more = { columns, anomalies: false, ...contract(severity) } as const;
    const { table, request, after } = await prepare(lab, mode, more, { content: csv(columns, lines) });
    const before = await contentOf(lab, table);
    const receipt = await end({ id, request, table, before, after: after(lines) });
    const loaded = receipt.outcome === 'loaded';
    if (loaded) expect([receipt.tables[0]!.read, arrivedOf(receipt)]).toEqual([rows.length, rows.length]);
    expect(await keptOf(lab, table)).toEqual({ loads: loaded ? 1 : 0, aside: 0 });
  });
});

describe('among loads of a week,', () => {
  const table = 'weekly';
  const amount = { type: 'decimal(12,2)', range: { min: 0 }, severity: 'quarantine' } as const;
  const columns = { id: { type: 'integer' }, mark: { type: 'text' }, v: amount } as const;
  const request = (day: number, mode: LoadRequest['mode'], lines: readonly string[]) =>
    lab
      .file(`${table}/${day}.csv`, ['id,mark,v', ...lines, ''].join('\n'))
      .then((glob): LoadRequest => ({ pipeline: table, into: table, mode, from: { kind: 'files', store: 'raw', glob }, interval: dayOf(new Date(Date.UTC(2026, 2, day)).toISOString().slice(0, 10)) }) as LoadRequest); // prettier-ignore
  const use = (more: object): string =>
    lab.contract({ name: table, key: ['id'], columns, create: 'if-missing', ...more });
  let day = 10;

  beforeAll(async () => {
    use({ anomalies: false });
    for (; day < 17; day++) {
      const rows = Array.from({ length: 19 + (day % 3) }, (_, i) => `${day * 1000 + i},good,1`);
      await lab.load(await request(day, 'append', rows));
    }
  });

  describe.each(Object.entries(ends))('a batch that %s: it has', (_, [severity, end]) => {
    test.each(historyFaults)('$what ($mode)', async (fault: HistoryFault) => {
      const { mode, id, setup, undo, aside = () => false } = fault;
      use(fault.contract(severity));
      if (setup) await lab.rows(`ALTER TABLE ${table} ${setup}`);
      const rows = [...Array(fault.rows).keys()];
      const lines = rows.map((i) => `${day * 1000 + i},bad,${fault.v(i)}`);
      const before = await contentOf(lab, table);
      const seen = rows.filter((i) => !aside(i)).map((i) => `${day * 1000 + i}:bad`);
      const load = { id, table, before, after: [...(mode === 'append' ? [before] : []), ...seen].join(' ') };
      const asked = await request(day++, mode, fault.twice ? [...lines, ...lines] : lines);
      try {
        const receipt = await end({ ...load, request: asked });
        if (receipt.outcome !== 'loaded') return;
        expect([arrivedOf(receipt), receipt.tables[0]!.quarantined]).toEqual([seen.length, rows.length - seen.length]);
        // What comes next is compared with the loads of the week alone.
        await takeBack(receipt);
      } finally {
        if (undo) await lab.rows(`ALTER TABLE ${table} ${undo}`);
      }
      expect(await contentOf(lab, table)).toBe(before);
    });
  });
});

const takeBack = ({ loadId }: LoadReceipt) => lab.warehouse.rollback(loadId, { by: 'the test', reason: 'it was odd' });

describe('a batch that fails at once, and of which nothing is seen or kept: it has', () => {
  test.each(refusedFaults)('$what ($mode)', async (fault: RefusedFault) => {
    const { mode, columns = { v: { type: 'text' } }, content, file, setup, contract, code } = fault;
    const written = typeof content === 'string' || Buffer.isBuffer(content) ? content : ['id,mark,day,v', ...content, ''].join('\n'); // prettier-ignore
    const { table, request } = await prepare(lab, mode, { columns, ...contract }, { ...(file && { name: file }), content: written }); // prettier-ignore
    if (setup) await lab.rows(setup.replaceAll('$table', table));
    const before = await contentOf(lab, table);
    expect(await sees(table, [before], () => codeOf(lab.load(request)))).toBe(code);
    expect(await keptOf(lab, table)).toEqual({ loads: 0, aside: 0 });
  });

  test('rows older than those that are in the table (replace)', async () => {
    const columns = { v: { type: 'text' } } as const;
    const line = (mark: string): Line => ({ id: 1, mark, values: 'a' });
    const { table, request, after } = await prepare(
      lab,
      'replace',
      { columns },
      { content: csv(columns, [line('good')]) },
    );
    await lab.load({ ...request, interval: dayOf('2026-03-03') } as LoadRequest);
    await lab.file(`${table}/a.csv`, csv(columns, [line('bad')]));
    expect(await sees(table, [after([line('good')])], () => codeOf(lab.load(request)))).toBe('OutOfOrder');
  });
});

test('nothing of all these loads is left in a stage', async () => {
  expect(await lab.leftStages()).toEqual([]);
});
