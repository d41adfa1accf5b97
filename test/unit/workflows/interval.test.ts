import fc from 'fast-check';
import { day, floorUtc, hour, interval, month, nextUtc, toInstant } from '../../../workflows/interval';
import { flooredInterval } from '../../../activities/interval-of';
import type { Grain } from '../../../workflows/contract';

const grains: readonly Grain[] = ['hour', 'day', 'week', 'month', 'year'];
const anInstant = fc
  .date({ min: new Date('1000-01-01T00:00:00Z'), max: new Date('9000-01-01T00:00:00Z'), noInvalidDate: true })
  .map((d) => d.toISOString());

test('every instant lies in one grain, and grains follow each other without a gap', () => {
  fc.assert(
    fc.property(anInstant, fc.constantFrom(...grains), (at, grain) => {
      const start = floorUtc(at, grain);
      const end = nextUtc(start, grain);
      expect(start <= at && at < end).toBe(true);
      expect(floorUtc(start, grain)).toBe(start);
      expect(floorUtc(end, grain)).toBe(end);
      expect(floorUtc(new Date(Date.parse(end) - 1).toISOString(), grain)).toBe(start);
    }),
  );
});

test('in UTC the activity floors as the workflow does', () => {
  fc.assert(
    fc.property(anInstant, fc.constantFrom(...grains), (at, grain) => {
      const start = floorUtc(at, grain);
      expect(flooredInterval({ grain }, at)).toEqual({ start, end: nextUtc(start, grain) });
    }),
    { numRuns: 200 },
  );
});

test('days, hours and months in words', () => {
  expect(day('2026-11-22')).toEqual({ start: '2026-11-22T00:00:00.000Z', end: '2026-11-23T00:00:00.000Z' });
  expect(day('2026-11-22T00:00:00+00:00')).toEqual(day('2026-11-22'));
  expect(hour('2026-11-22T05:00Z')).toEqual(interval('2026-11-22T05:00Z', '2026-11-22T06:00:00.000Z'));
  expect(hour('2026-11-22T05:00+01:00').start).toBe('2026-11-22T04:00:00.000Z');
  expect(month('2026-11')).toEqual(interval('2026-11-01', '2026-12-01'));
});

test.each([
  ['2026-02-30', toInstant],
  ['2026-02-30T00:00:00Z', toInstant],
  ['2026-13-01', toInstant],
  ['2026-1-1', toInstant],
  ['2026-01-01T05:00:00', toInstant],
  ['2026-01-01 05:00:00Z', toInstant],
  ['2026-01-01T25:00:00Z', toInstant],
  ['+012026-01-01T00:00:00Z', toInstant],
  ['', toInstant],
  ['2026-11-22T01:00:00Z', day],
  ['2026-11-22T01:30:00Z', hour],
  ['2026-11-02', month],
] as const)('%s is refused with what is expected', (text, parse) => {
  expect(() => parse(text)).toThrow(
    expect.objectContaining({ type: 'InvalidRequest', message: expect.stringMatching(/Expected/) as string }) as Error,
  );
});

describe('a zone', () => {
  const hours = (zone: string, at: string, grain: Grain = 'day'): number => {
    const { start, end } = flooredInterval({ grain, zone }, at);
    return (Date.parse(end) - Date.parse(start)) / 3_600_000;
  };

  test.each([
    ['Europe/Berlin', '2026-03-29T12:00:00Z', 23],
    ['Europe/Berlin', '2026-10-25T12:00:00Z', 25],
    ['America/New_York', '2026-03-08T12:00:00Z', 23],
    ['America/New_York', '2026-11-01T12:00:00Z', 25],
    ['Australia/Lord_Howe', '2026-04-05T02:00:00Z', 24.5],
    ['Asia/Kolkata', '2026-06-01T12:00:00Z', 24],
    ['America/Sao_Paulo', '2017-10-15T12:00:00Z', 23],
    ['America/Havana', '2026-11-01T12:00:00Z', 25],
  ])('%s on %s has %d hours in its day', (zone, at, expected) => expect(hours(zone, at)).toBe(expected));

  test.each([
    'Europe/Berlin',
    'America/New_York',
    'America/Havana',
    'America/Santiago',
    'Africa/Cairo',
    'Asia/Beirut',
    'Asia/Kathmandu',
  ])('%s: days follow each other through a year', (zone) => {
    let at = flooredInterval({ grain: 'day', zone }, '2025-01-01T12:00:00Z');
    for (let i = 0; i < 365; i++) {
      const next = flooredInterval({ grain: 'day', zone }, at.end);
      expect(next.start).toBe(at.end);
      expect(flooredInterval({ grain: 'day', zone, back: 1 }, at.end)).toEqual(at);
      expect(flooredInterval({ grain: 'day', zone }, new Date(Date.parse(next.end) - 1).toISOString())).toEqual(next);
      at = next;
    }
  });

  test('the hour that a clock shows twice is two hours', () => {
    const first = flooredInterval({ grain: 'hour', zone: 'America/New_York' }, '2026-11-01T05:30:00Z');
    const second = flooredInterval({ grain: 'hour', zone: 'America/New_York' }, '2026-11-01T06:30:00Z');
    expect([first.end, first.start !== second.start]).toEqual([second.start, true]);
  });

  test('a run at three in the morning that loads yesterday does so on every day', () => {
    const of = (at: string) => flooredInterval({ grain: 'day', zone: 'Europe/Berlin', back: 1 }, at);
    expect(of('2026-03-30T01:00:00Z')).toEqual({ start: '2026-03-28T23:00:00.000Z', end: '2026-03-29T22:00:00.000Z' });
    expect(of('2026-03-29T01:00:00Z')).toEqual({ start: '2026-03-27T23:00:00.000Z', end: '2026-03-28T23:00:00.000Z' });
  });

  test.each([
    [{ grain: 'day', zone: 'Berlin' }, 'zone'],
    [{ grain: 'minute' }, 'grain'],
    [{ grain: 'day', back: -1 }, 'back'],
    [{ grain: 'day', back: 0.5 }, 'back'],
  ])('%j is refused', (nominal, field) => {
    expect(() => flooredInterval(nominal as never, '2026-01-01T00:00:00Z')).toThrow(
      expect.objectContaining({
        type: 'InvalidRequest',
        message: expect.stringContaining(`interval.${field}`) as string,
      }) as Error,
    );
  });
});
