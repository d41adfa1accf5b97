// `npm run pictures`: the pictures of the README, taken from the real thing. It starts `loadline dev` on a project of
// its own, runs commands on a real terminal, draws what they wrote, and takes pictures of the Temporal UI and of a load
// report. `npm run pictures -- report`: that of the report alone.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { findChromium, screenshot } from './pictures/chromium.mjs';
import { onTerminal, record } from './pictures/recorded.mjs';
import { makeShop, orders, payments, put } from './pictures/shop.mjs';
import { screenOf, svgOf } from './pictures/terminal-svg.mjs';

const root = fileURLToPath(new URL('../', import.meta.url));
const pictures = join(root, 'docs/pictures');
const columns = 100;
const reportAlone = process.argv[2] === 'report';
const rows = Number(process.env.PICTURE_ROWS ?? 2_400_000);

const chromium = findChromium();
// A short path, because some pictures show it.
const folder = join(mkdtempSync(join(tmpdir(), 'l-')), 'shop');
mkdirSync(folder);
mkdirSync(pictures, { recursive: true });

const day = (date) => ['run', 'ordersDaily', '--workflow-id', `orders-${date}`, '--input', `{"day":"${date}"}`];

try {
  makeShop(folder, root);
  if (!reportAlone) fillShop();
  const dev = onTerminal(folder, columns, ['dev']);
  try {
    await until(dev, 'Loadline is up');
    const [ui] = /http:\/\/127\.0\.0\.1:\d+/.exec(dev.text());
    if (!reportAlone) await takeAll(ui);
    await takeReport();
  } finally {
    dev.child.stdin.write('\x03');
    await dev.ended;
  }
} finally {
  rmSync(join(folder, '..'), { recursive: true, force: true });
}

function fillShop() {
  put(folder, 'data/orders/2026-11-21/orders.csv', orders({ day: '2026-11-21', rows: 100_000 }));
  const half = Math.round(rows / 2);
  put(folder, 'data/orders/2026-11-22/morning.csv', orders({ day: '2026-11-22', rows: half, from: 50_000, bad: 67 }));
  put(folder, 'data/orders/2026-11-22/evening.csv', orders({ day: '2026-11-22', rows: half, from: 50_000 + half }));
  const wrong = orders({ day: '2026-11-23', rows: 1200 }).replace(/23\.11\.2026/, '2026-11-23');
  put(folder, 'data/orders/2026-11-23/orders.csv', wrong);
}

async function takeAll(ui) {
  await take('loaded-before', day('2026-11-21'), { kept: false });
  await take('run', day('2026-11-22'), { progress: 'run-progress' });
  await take('again', day('2026-11-22'));
  await take('error', day('2026-11-23'));
  await take('loads-list', ['loads', 'list']);
  await take('loads-show', ['loads', 'show', `v1/orders-daily/analytics.public.orders/2026-11-22..2026-11-23`]);
  await take('doctor', ['doctor']);
  const run = await firstRunOf(ui, 'orders-2026-11-22');
  const page = `${ui}/namespaces/default/workflows/orders-2026-11-22/${run}`;
  screenshot(chromium, `${page}/timeline`, join(pictures, 'ui-timeline.png'), { width: 1400, height: 1000 });
  screenshot(chromium, `${page}/user-metadata`, join(pictures, 'ui-details.png'), { width: 1400, height: 800 });
}

/** The page about the last of some days, on which not everything went well. */
async function takeReport() {
  const days = Array.from({ length: 21 }, (_, i) => `2026-11-${String(i + 1).padStart(2, '0')}`);
  for (const [i, date] of days.entries()) {
    put(folder, `data/payments/${date}.csv`, payments({ day: date, from: i * 1000, bad: i === 20 ? 19 : i % 4 }));
    await ended(['run', '--load', 'payments', '--mode', 'merge', '--from', `raw:payments/${date}.csv`, '--day', date]);
  }
  const page = join(folder, 'report.html');
  const key = `v1/payments/analytics.public.payments/2026-11-21..2026-11-22`;
  await ended(['loads', 'report', key, '--report', `html=${page}`]);
  screenshot(chromium, pathToFileURL(page).href, join(pictures, 'load-report.png'), { width: 1120, height: 1990 });
}

async function ended(args) {
  const { code, bytes } = await record(folder, columns, args);
  if (code !== 0) throw new Error(`loadline ${args.join(' ')} has ended with ${code}:\n${bytes}`);
}

/** Runs a command and draws what it showed in the end and, where asked for, in the midst. */
async function take(name, args, { kept = true, progress } = {}) {
  const { bytes, pieces } = await record(folder, columns, args);
  const command = `loadline ${args.map((arg) => (/[{*]/.test(arg) ? `'${arg}'` : arg)).join(' ')}`;
  if (kept) draw(name, command, await screenOf(bytes, columns));
  if (progress) draw(progress, command, await midst(pieces));
}

function draw(name, command, lines) {
  writeFileSync(join(pictures, `${name}.svg`), svgOf(command, lines, columns));
}

/** The last screen of a step that tells how long it will take. */
async function midst(pieces) {
  for (let count = pieces.length - 1; count > 0; count--) {
    const lines = await screenOf(Buffer.concat(pieces.slice(0, count).map(({ bytes }) => bytes)), columns);
    const last = (lines.at(-1) ?? []).map(({ text }) => text).join(' ');
    if (/rows\/s.* left/.test(last) && /[2-8]\d %/.test(last)) return lines;
  }
  throw new Error('No progress was seen: the load is too small for this machine. Set PICTURE_ROWS to more.');
}

async function firstRunOf(ui, workflow) {
  const query = encodeURIComponent(`WorkflowId = '${workflow}'`);
  const answer = await fetch(`${ui}/api/v1/namespaces/default/workflows?query=${query}`);
  const { executions } = await answer.json();
  return executions.sort((a, b) => (a.startTime < b.startTime ? -1 : 1))[0].execution.runId;
}

async function until({ text, ended }, words) {
  let over = false;
  void ended.then(() => (over = true));
  while (!text().includes(words)) {
    if (over) throw new Error(`loadline dev has ended:\n${text()}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
