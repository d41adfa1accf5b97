import { openScenario } from './support/scenario';

jest.setTimeout(170_000);

const harm = [
  ['one row too many', 'INSERT INTO public.events SELECT * FROM public.events LIMIT 1'],
  ['one row too few', 'DELETE FROM public.events WHERE ctid = (SELECT ctid FROM public.events LIMIT 1)'],
  [
    'one other value',
    'UPDATE public.events SET amount = amount + 0.01 WHERE ctid = (SELECT ctid FROM public.events LIMIT 1)',
  ],
  [
    'an empty text for a NULL',
    `UPDATE public.events SET note = '' WHERE ctid = (SELECT ctid FROM public.events WHERE note IS NULL LIMIT 1)`,
  ],
  ['a claim that was left open', `UPDATE _loadline.claims SET state = 'open'`],
] as const;

test('what the crash tests look at would not hide a row, a value or a claim', async () => {
  const scenario = await openScenario('oracle');
  try {
    const loads = [await scenario.day('append'), await scenario.day('merge'), await scenario.day('replace-partition')];
    await scenario.worker();
    for (const load of loads) await (await scenario.start(load)).result();
    await scenario.expectExactlyOnce(loads);
    await expect(scenario.expectExactlyOnce(loads.slice(1))).rejects.toThrow();
    for (const [, sql] of harm) {
      await scenario.rows(
        'CREATE TABLE kept AS TABLE public.events; CREATE TABLE kept_claims AS TABLE _loadline.claims',
      );
      await scenario.rows(sql);
      await expect(scenario.expectExactlyOnce(loads)).rejects.toThrow();
      await scenario.rows(
        `TRUNCATE public.events, _loadline.claims; INSERT INTO public.events TABLE kept;
         INSERT INTO _loadline.claims TABLE kept_claims; DROP TABLE kept, kept_claims`,
      );
      await scenario.expectExactlyOnce(loads);
    }
  } finally {
    await scenario.stop();
  }
});
