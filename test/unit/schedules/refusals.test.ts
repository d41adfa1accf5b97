import { resolveConfig } from '../../../workers/config';
import { cronTrouble } from '../../../workers/config/cron';

const base = {
  warehouses: { main: { kind: 'postgres', url: { env: 'U' } } },
  stores: { raw: { kind: 'local-files', root: '.' } },
  contracts: [],
};
const resolve = (...schedules: unknown[]) => resolveConfig({ ...base, schedules }, '/shop/loadline.config.ts', null);
const good = { id: 'nightly', workflow: 'ordersDaily', cron: '0 3 * * *' };

test('a schedule has every option decided: nothing is left to a server that may have other defaults', async () => {
  const { schedules } = await resolve(good);
  expect(schedules).toEqual([
    {
      id: 'nightly', workflow: 'ordersDaily', args: [], load: null, cron: ['0 3 * * *'], everyMs: null, offsetMs: 0,
      calendars: [], zone: 'UTC', jitterMs: 0, overlap: 'buffer-all', catchupWindowMs: 365 * 86_400_000,
      pauseOnFailure: false, paused: false, note: null, workflowId: 'nightly',
    },
  ]); // prettier-ignore
});

test.each<[string, unknown[], RegExp]>([
  ['a cron expression that is none', [{ ...good, cron: 'daily' }], /schedules\.nightly\.cron.*"0 3 \* \* \*", got 1 fields/s],
  ['a zone that is none', [{ ...good, zone: 'Europe/Berlim' }], /schedules\.nightly\.zone.*Europe\/Berlim/s],
  ['a zone within cron', [{ ...good, cron: 'CRON_TZ=Europe/Berlin 0 3 * * *' }], /write it as zone/],
  ['a duration without a unit', [{ ...good, cron: undefined, every: '60' }], /schedules\.nightly\.every.*from 1s to 366d/s],
  ['too much jitter', [{ ...good, jitter: '2d' }], /schedules\.nightly\.jitter.*24h/s],
  ['a catch-up that is too short for the server', [{ ...good, catchupWindow: '1s' }], /catchupWindow.*10s/s],
  ['one id twice', [good, { ...good, cron: '0 4 * * *' }], /"nightly" twice/],
  ['the id of the sweeper', [{ ...good, id: 'loadline-sweep-loadline' }], /that of the sweeper/],
  ['an id with a space', [{ ...good, id: 'a b' }], /schedules\[0\]\.id/],
  ['no time', [{ id: 'a', workflow: 'b' }], /cron, every or calendar/],
  ['nothing to start', [{ id: 'a', cron: '@daily' }], /a workflow, or load/],
  ['a load beside a workflow', [{ ...good, load: {} }], /it is for loadTable/],
  ['a load beside an input', [{ ...good, workflow: undefined, load: {}, input: {} }], /no input beside it/],
  ['an offset without every', [{ ...good, offset: '1m' }], /every beside it/],
  ['an overlap that is none', [{ ...good, overlap: 'BUFFER' }], /one of skip, buffer-one/],
  ['an hour that is none', [{ ...good, calendar: { hour: 24 } }], /calendar/],
  ['a range without its end', [{ ...good, calendar: { hour: { start: 1 } } }], /calendar/],
  ['a mistyped option', [{ ...good, timezone: 'UTC' }], /timezone.*one of: id, workflow/s],
])('%s is refused', async (_, schedules, words) => {
  const failure = await resolve(...schedules).then(() => null, (error: unknown) => error as Error & { details: unknown });
  expect(failure).toMatchObject({ type: 'InvalidConfig' });
  expect(failure!.message + JSON.stringify(failure!.details).replaceAll('\\"', '"')).toMatch(words);
}); // prettier-ignore

test.each(['0 3 * * *', '*/5 8-18 * * MON-FRI', '0 0 1,15 * *', '59 59 23 31 12 * 2026', '@hourly'])('%s is good', (cron) =>
  expect(cronTrouble(cron)).toBeNull(),
); // prettier-ignore

test.each([
  ['0 3 * *', '4 fields'],
  ['@every 1h', '@every: write it as every'],
  ['0 3 * * * # note', 'a comment: write it as note'],
  ['0 3 * * MONDAY', 'the day of the week "MONDAY", which is none from 0 to 7'],
  ['0 3 * * * 1999', 'the year "1999", which is none from 2000 to 2100'],
  ['a * * * *', 'the minute "a", which is none from 0 to 59'],
])('%s is refused: %s', (cron, trouble) => expect(cronTrouble(cron)).toBe(trouble));
