import type { LoadRequest } from '../../../workflows/contract';
import type { TableContract } from '../../../workflows/table-contract';
import { codeOf, failureOf } from '../support/failures';
import { openLab, type Lab } from '../support/lab';
import { countsOf } from '../support/receipts';
import { dayOf } from '../support/source';
import { columns, faulty, held } from './support/held';

let lab: Lab;
beforeAll(async () => {
  lab = await openLab('impossible');
});
afterAll(() => lab.stop());

const mail = { type: 'text', unique: true } as const;

/** A load of these rows that some row, with an amount below 0, breaks. */
async function load(
  name: string,
  rows: readonly string[],
  contract: Partial<TableContract> = {},
  request: Partial<LoadRequest> = {},
): Promise<LoadRequest> {
  const asked = await faulty(lab, name, contract, request);
  const names = Object.keys(contract.columns ?? columns).join(',');
  await lab.file(`${name}/a.csv`, [names, ...rows, ''].join('\n'));
  return asked;
}

/** What a person is told who sends a verdict that is not offered. */
async function refusal(waiting: Awaited<ReturnType<typeof held>>, verdict: 'release' | 'quarantine'): Promise<string> {
  const { type, message } = await failureOf(waiting.decide({ verdict }));
  expect(type).toBe('VerdictRefused');
  return message;
}

describe('a release is refused, and the load stays to be decided,', () => {
  test('where the table wants a value that rows lack', async () => {
    const named = { id: { type: 'integer' }, name: { type: 'text', notNull: true } } as const;
    const waiting = await held(lab, await load('lacking', ['1,a', '2,'], { columns: named }));
    expect(waiting.load.choices).toEqual(['quarantine', 'reject']);
    expect(await refusal(waiting, 'release')).toMatch(
      /Expected quarantine or reject, got release, which the table would not take: ConstraintViolated \[.*lacking\.name\]: 1 rows without a value where the table has NOT NULL\./,
    );
    await waiting.decide({ verdict: 'quarantine' });
    expect(countsOf((await waiting.result()).tables[0])).toEqual({ read: 2, quarantined: 1, inserted: 1 });
  });

  test('where a bad row contradicts a good one', async () => {
    const waiting = await held(lab, await load('contradicting', ['1,10', '1,-5', '2,3']));
    expect(await refusal(waiting, 'release')).toContain('ConflictingDuplicates [');
    await waiting.decide({ verdict: 'quarantine' });
    await waiting.result();
    expect(await waiting.ids()).toEqual([1, 2]);
  });

  test('where a bad row has what another alone may have', async () => {
    const waiting = await held(lab, await load('doubled', ['1,10,a', '2,-5,a'], { columns: { ...columns, mail } }));
    expect(await refusal(waiting, 'release')).toContain('NotUnique [doubled.mail]: 1 values');
    await waiting.decide({ verdict: 'reject' });
    expect((await waiting.result()).outcome).toBe('rejected');
  });

  test('and nobody releases it when time is over', async () => {
    const hold = { for: '1s', then: 'release' } as const;
    const waiting = await held(lab, await load('unreleased', ['1,10', '1,-5'], { hold }));
    expect(waiting.load.then).toBe('reject');
    expect((await waiting.result()).outcome).toBe('rejected');
  });
});

test('a quarantine is refused where it would leave nothing to replace a table with', async () => {
  const daily = { interval: dayOf('2026-01-01'), mode: 'replace', onChanged: 'reprocess' } as const;
  const request = await load('emptied', ['7,7'], {}, daily as Partial<LoadRequest>);
  await lab.load(request);
  await lab.file('emptied/a.csv', 'id,amount\n1,-1\n2,-2\n');
  const waiting = await held(lab, request);
  expect(waiting.load.choices).toEqual(['release', 'reject']);
  expect(await refusal(waiting, 'quarantine')).toContain('EmptyReplace [');
  await waiting.decide({ verdict: 'release' });
  await waiting.result();
  expect(await waiting.ids()).toEqual([1, 2]);
});

describe('nobody is asked about a load that', () => {
  test('has good rows which contradict each other', async () => {
    const request = await load('both', ['1,10,a', '2,20,a', '3,-5,b'], { columns: { ...columns, mail } });
    expect(await codeOf(lab.load(request))).toBe('NotUnique');
  });

  test('is older than what the table holds', async () => {
    const request = await load('late', ['1,10'], {}, { mode: 'replace', interval: dayOf('2026-01-02') } as object);
    await lab.load(request);
    await lab.file('late/a.csv', 'id,amount\n1,-1\n2,2\n');
    expect(await codeOf(lab.load({ ...request, interval: dayOf('2026-01-01') } as LoadRequest))).toBe('OutOfOrder');
  });

  test('fails as a whole, and of which the table would not take all rows', async () => {
    const request = await load('neither', ['1,10,a', '2,-5,a'], {
      columns: { ...columns, mail },
      rows: { min: 3 },
    });
    expect(await codeOf(lab.load(request))).toBe('NotUnique');
  });
});
