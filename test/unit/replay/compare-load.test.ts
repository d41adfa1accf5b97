import { compareLoad } from '../../../workers/replay/compare-load';
import type { LoadRequest, OpenLoadInput } from '../../../workflows/contract';

const request = {
  pipeline: 'orders-daily',
  into: 'orders',
  mode: 'merge',
  from: { kind: 'files', store: 'raw', glob: 'orders/*.csv' },
  interval: { start: '2026-11-22T00:00:00.000Z', end: '2026-11-23T00:00:00.000Z' },
} as const satisfies LoadRequest;
const nominalTime = '2026-11-23T03:00:00.000Z';
const input = (...requests: object[]): OpenLoadInput => ({ requests: requests as LoadRequest[], nominalTime });
const { interval: _, ...withoutInterval } = request;
const compared = (before: OpenLoadInput, after: OpenLoadInput) =>
  compareLoad({ eventId: 5, history: before, code: after });
const part = (before: object, after: object) => compared(input(before), input(after))[0]?.changed?.map((c) => c.part);

test('the same request has nothing to tell, however it is spelled', () => {
  expect(compared(input(request), input(request))).toEqual([]);
  const spelled = { ...request, interval: { start: '2026-11-22', end: '2026-11-23T00:00:00Z' } };
  expect(compared(input(request), input(spelled))).toEqual([]);
});

test.each([
  ['pipeline', { ...request, pipeline: 'orders' }],
  ['into', { ...request, into: 'orders2' }],
  ['interval', { ...request, interval: { start: '2026-11-22', end: '2026-11-24' } }],
  ['part', { ...request, part: 'eu' }],
])('another %s is another load key', (name, after) => {
  expect(part(request, after)).toEqual([name]);
});

test('a mode that makes the content decide is another load key', () => {
  expect(part(withoutInterval, { ...withoutInterval, mode: 'replace' })).toEqual(['identity']);
});

test('partitions are part of the key, in any order, where no interval is', () => {
  const of = (...partitions: string[]) => ({ ...withoutInterval, mode: 'replace-partition', partitions });
  expect(part(of('2026-01-01'), of('2026-01-02'))).toEqual(['partitions']);
  expect(part(of('2026-01-01', '2026-01-02'), of('2026-01-02', '2026-01-01'))).toEqual(undefined);
});

test('an interval that is floored from the nominal time is told as it is said', () => {
  const nominal = { ...request, interval: { grain: 'day', zone: 'Europe/Berlin', back: 1 } };
  const [divergence] = compared(input(nominal), input({ ...nominal, interval: { grain: 'day', back: 1 } }));
  expect(divergence).toMatchObject({
    code: 'LoadKeyChanged',
    eventId: 5,
    expected: 'interval "day in Europe/Berlin, 1 back"',
    got: 'interval "day in UTC, 1 back"',
  });
  const later = { ...input(nominal), nominalTime: '2026-11-24T03:00:00.000Z' };
  expect(compared(input(nominal), later)[0]?.changed?.map((c) => c.part)).toEqual(['nominalTime']);
  expect(compared(input(request), { ...input(request), nominalTime: 'x' })).toEqual([]);
});

test('the kind of a changed interval is the same on every day', () => {
  const shifted = (day: string, next: string) => {
    const before = { ...request, interval: { start: `${day}T00:00:00.000Z`, end: `${next}T00:00:00.000Z` } };
    const after = { ...request, interval: { start: `${day}T03:00:00.000Z`, end: `${next}T03:00:00.000Z` } };
    return compared(input(before), input(after))[0]?.changed?.[0]?.kind;
  };
  expect(shifted('2026-11-22', '2026-11-23')).toEqual({ from: '24h', to: '24h, 3h later' });
  expect(shifted('2026-12-01', '2026-12-02')).toEqual({ from: '24h', to: '24h, 3h later' });
});

test('what is no part of the key is told by name alone', () => {
  const after = {
    ...request,
    mode: 'insert-only',
    from: { ...request.from, glob: 'secret/*.csv', csv: { nullText: 'geheim' } },
  };
  const [divergence] = compared(input(request), input(after));
  expect(divergence).toMatchObject({ code: 'LoadRequestChanged' });
  expect(divergence?.message).toContain('another mode, from.glob, from.csv than in event 5');
  expect(JSON.stringify(divergence)).not.toMatch(/secret|geheim|insert-only/);
});

test('tables of a set in another order are told, one that is missing changes the key', () => {
  const other = { ...request, into: 'lines' };
  expect(compared(input(request, other), input(other, request))).toMatchObject([
    { code: 'LoadRequestChanged', expected: 'order of requests as in event 5' },
  ]);
  expect(compared(input(request, other), input(request))).toMatchObject([
    { code: 'LoadKeyChanged', expected: 'into "lines + orders"', got: 'into "orders"' },
    { code: 'LoadRequestChanged' },
  ]);
});

test('a request that is none is compared all the same', () => {
  expect(compared(input(request), { requests: [null], nominalTime } as unknown as OpenLoadInput)[0]?.code).toBe(
    'LoadKeyChanged',
  );
  expect(compared({} as OpenLoadInput, {} as OpenLoadInput)).toEqual([]);
});
