import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { htmlReport } from '../../../cli/load-report/html/page';
import type { LoadReport } from '../../../cli/load-report/load-report';
import { findChromium, openBrowser, type Browser } from './chromium';
import { hostileReport, report, table } from './load-report';

const chromium = findChromium();
if (chromium === undefined)
  console.warn('Skipped: the load report is not opened in a browser, because there is no Chromium on PATH. On Debian: apt-get install chromium'); // prettier-ignore

const long = 'a_column_whose_name_'.repeat(8);
const wide = report({
  pipeline: 'p'.repeat(120),
  loadKey: `v1/${'k'.repeat(300)}/2026-10-03..2026-10-04`,
  held: {
    until: '2026-10-05T05:00:00.000Z',
    then: 'reject',
    choices: ['release', 'quarantine', 'reject'],
    notOffered: [],
  },
  tables: ['t'.repeat(120), long].map((name) =>
    table({
      table: `shop.public.${name}`,
      checks: table().checks.map((c) => ({ ...c, id: `${long}.${c.kind}`, expected: 'x'.repeat(120), got: long })),
      quarantine: { ...table().quarantine!, reasons: [{ reason: `range of ${long}`, rows: 1_234_567 }] },
      columns: table().columns.map((c) => ({ ...c, name: long, span: { min: '9'.repeat(80), max: '9'.repeat(90) } })),
    }),
  ),
});
const pages: Readonly<Record<string, LoadReport>> = { usual: report(), wide, hostile: hostileReport() };
const views = [360, 1200].flatMap((width) => (['light', 'dark'] as const).map((scheme) => ({ width, scheme })));

/** The least contrast of any text with what is behind it, by the definition of WCAG 2, and of which text. */
const leastContrast = `(() => {
  const parts = (colour) => colour.match(/[\\d.]+/g).map(Number);
  const light = ([r, g, b]) => [r, g, b].map((c) => c / 255).map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4)).reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0);
  const behind = (at) => { for (let e = at; e; e = e.parentElement) { const c = parts(getComputedStyle(e).backgroundColor); if (c[3] !== 0) return c; } return [255, 255, 255]; };
  const told = [...document.querySelectorAll('body *')].filter((e) => !e.closest('svg') && [...e.childNodes].some((n) => n.nodeType === 3 && n.data.trim()));
  const all = told.map((e) => { const [a, b] = [light(parts(getComputedStyle(e).color)), light(behind(e))]; return [(Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05), e.outerHTML.slice(0, 80)]; });
  return all.sort(([a], [b]) => a - b)[0];
})()`;

(chromium ? describe : describe.skip)('in a browser', () => {
  let browser: Browser;
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'loadline-report-'));
    browser = openBrowser(chromium!);
  });
  afterAll(async () => {
    await browser.close();
    await rm(folder, { recursive: true, force: true });
  });

  test.each(Object.keys(pages))(
    'the %s page fits, is readable, asks for nothing, and nobody complains',
    async (name) => {
      const file = join(folder, `${name}.html`);
      await writeFile(file, htmlReport(pages[name]!));
      const url = pathToFileURL(file).href;
      for (const view of views)
        await browser.show(url, view, async ({ complaints, requests, evaluate }) => {
          const shown = await evaluate<object>(`({
          width: document.documentElement.scrollWidth,
          fits: [...document.querySelectorAll('body *')].every((e) => e.getBoundingClientRect().right <= innerWidth),
          styled: getComputedStyle(document.querySelector('.title')).display,
          scheme: getComputedStyle(document.documentElement).backgroundColor,
          scripts: document.scripts.length, pictures: document.images.length,
          bars: document.querySelectorAll('.now rect:not(.hit)').length > 0,
        })`);
          const scheme = view.scheme === 'light' ? 'rgb(255, 255, 255)' : 'rgb(16, 21, 27)';
          expect({ view, ...shown }).toEqual({ view, width: view.width, fits: true, styled: 'flex', scheme, scripts: 0, pictures: 0, bars: true }); // prettier-ignore
          expect((await evaluate<[number, string]>(leastContrast))[0]).toBeGreaterThanOrEqual(4.5);
          expect(requests.filter((one) => !one.startsWith('data:'))).toEqual([url]);
          expect(complaints).toEqual([]);
        });
    },
  );
});
