import type { LoadReceipt } from '../../../workflows/contract';
import type { Severity, TableCheck, TableContract } from '../../../workflows/table-contract';
import { held } from '../holds/support/held';
import { openLab, type Lab } from '../support/lab';
import { rowFaults, type RowFault } from './support/row-faults';
import { contentOf, whileReading } from './support/reader';
import { arrivedOf, asideOf, csv, inTurn, keptOf, prepare, type Line, type Prepared } from './support/tables';

let lab: Lab;
beforeAll(async () => {
  lab = inTurn(await openLab('row_faults'));
  await lab.rows(
    `CREATE TABLE known_states (name text, code integer); INSERT INTO known_states VALUES ('open', 1), ('paid', 2)`,
  );
});
afterAll(() => lab.stop());

/** A batch of good and bad rows, of which the first good one comes twice. */
interface Batch extends Prepared {
  readonly fault: RowFault;
  readonly good: readonly Line[];
  readonly bad: readonly Line[];
  readonly before: string;
}

async function batchOf(fault: RowFault, severity: Severity): Promise<Batch> {
  const { mode, columns, keyless } = fault;
  const lines = (values: readonly string[], mark: string, first: number): Line[] =>
    values.map((v, i) => ({ id: keyless && mark === 'bad' ? '' : first + i, mark, values: v }));
  const good = lines(fault.good, 'good', 1);
  const bad = lines(fault.bad, 'bad', 101);
  const [first, ...others] = good;
  const content = csv(columns, [first!, ...bad, ...others, first!]);
  const prepared = await prepare(lab, mode, contractOf(fault, severity), { content });
  return { ...prepared, fault, good, bad, before: await contentOf(lab, prepared.table) };
}

function contractOf({ columns, check, failAbove, keyless }: RowFault, severity: Severity) {
  const own = failAbove === undefined ? { severity } : { failAbove };
  const marked = Object.entries(columns).map(([name, column]) => [name, { ...column, ...own }] as const);
  return {
    columns: { ...Object.fromEntries(marked), ...(keyless && { id: { type: 'integer', ...own } as const }) },
    ...(check && { checks: [{ name: 'mine', ...check, ...own } as TableCheck] }),
  } satisfies Partial<TableContract>;
}

const readOf = ({ good, bad }: Batch): number => good.length + bad.length + 1;

/** Good rows are in the table, the bad ones in the quarantine with their reasons, and each row is accounted for. */
async function expectSetAside(batch: Batch, receipt: LoadReceipt): Promise<void> {
  const { table, good, bad, fault } = batch;
  expect(receipt.tables[0]).toMatchObject({ read: readOf(batch), duplicates: 1, quarantined: bad.length });
  expect(arrivedOf(receipt)).toBe(good.length);
  expect(await contentOf(lab, table)).toBe(batch.after(good));
  const aside = bad.map(({ id, mark }) => ({ id: id === '' ? null : id, mark, reasons: fault.reasons }));
  expect(await asideOf(lab, receipt)).toEqual(aside);
  expect(brokenIn(receipt, 'quarantine')).toEqual(fault.ids.map((id) => ({ id, broken: bad.length })));
}

const brokenIn = ({ tables: [table] }: LoadReceipt, verdict: string) =>
  table!.checks!.filter((c) => c.verdict === verdict).map(({ id, broken }) => ({ id, broken }));

async function warned(fault: RowFault): Promise<void> {
  const batch = await batchOf(fault, 'warn');
  const { result: receipt, seen } = await whileReading(lab, batch.table, () => lab.load(batch.request));
  const all = [...batch.good, ...batch.bad];
  expect(receipt.tables[0]).toMatchObject({ read: readOf(batch), duplicates: 1, quarantined: 0 });
  expect(arrivedOf(receipt)).toBe(all.length);
  expect(brokenIn(receipt, 'warn')).toEqual(fault.ids.map((id) => ({ id, broken: batch.bad.length })));
  expect(receipt.warnings).toHaveLength(fault.ids.length);
  expect(seen).toEqual([batch.before, batch.after(all)]);
}

async function setAside(fault: RowFault): Promise<void> {
  const batch = await batchOf(fault, 'quarantine');
  const { result: receipt, seen } = await whileReading(lab, batch.table, () => lab.load(batch.request));
  await expectSetAside(batch, receipt);
  expect(seen).toEqual([batch.before, batch.after(batch.good)]);
}

async function heldAndSetAside(fault: RowFault): Promise<void> {
  const batch = await batchOf(fault, 'fail');
  const { result: receipt, seen } = await whileReading(lab, batch.table, async (reader) => {
    const load = await held(lab, batch.request);
    expect(load.load.failed[0]!.checks.map(({ id }) => id)).toEqual(fault.ids);
    expect(load.load.choices).toEqual(['release', 'quarantine', 'reject']);
    await reader.again();
    expect(reader.seen()).toEqual([batch.before]);
    await load.decide({ verdict: 'quarantine' });
    return load.result();
  });
  await expectSetAside(batch, receipt);
  expect(seen).toEqual([batch.before, batch.after(batch.good)]);
}

async function heldAndRejected(fault: RowFault): Promise<void> {
  const batch = await batchOf(fault, 'fail');
  const { result: receipt, seen } = await whileReading(lab, batch.table, async () => {
    const load = await held(lab, batch.request);
    await load.decide({ verdict: 'reject' });
    return load.result();
  });
  expect(receipt.outcome).toBe('rejected');
  expect(seen).toEqual([batch.before]);
  expect(await keptOf(lab, batch.table)).toEqual({ loads: 0, aside: 0 });
}

/** What is done about a fault, by what it does. */
function endsOf({ failAbove, keyless }: RowFault): readonly ((fault: RowFault) => Promise<void>)[] {
  if (keyless) return [setAside];
  return failAbove === undefined
    ? [warned, setAside, heldAndSetAside, heldAndRejected]
    : [heldAndSetAside, heldAndRejected];
}

describe('a reader never sees, unless it only warns,', () => {
  test.each(rowFaults)('$what ($mode)', async (fault) => {
    const ends = endsOf(fault).map((end) =>
      end(fault).catch((error: Error) => {
        error.message = `${end.name}: ${error.message}`;
        throw error;
      }),
    );
    const failed = (await Promise.allSettled(ends)).filter((end) => end.status === 'rejected');
    if (failed.length) throw failed[0]!.reason;
  });
});

test('nothing of all these loads is left in a stage', async () => {
  expect(await lab.leftStages()).toEqual([]);
});
