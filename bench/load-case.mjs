// Loads of one file, Loadline in turn with the floor.
import { expectedContent, noteContent } from './content.mjs';
import { rankVariants, rankWays, floorLoad } from './floor.mjs';
import { nextLoad, runLoad } from './load.mjs';
import { peerSide } from './peers/peer-side.mjs';
import { peerText, summarizePeer } from './peers/peer-summary.mjs';
import { loadSummary } from './load-summary.mjs';
import { megabytes, partsText } from './stats.mjs';
import { onEnd } from './teardown.mjs';
import { takeTurns } from './turns.mjs';
import { startWorker } from './worker.mjs';

/** Runs a case of kind `load`. */
export async function runLoadCase(bench, each) {
  const { file, full = false, times = 1, pairs, store = 'files' } = each;
  const rows = bench.rows * times;
  const chosen = await chooseFloor(bench, file, full);
  // Files of the base stay for the next run; large ones go, also on Ctrl-C.
  const removeLarge = onEnd(async () => times > 1 && bench.files.remove(file, rows));
  const plan = { day: file.split('.')[0], full, rows, data: await bench.files.get(file, rows), store };
  const basePeakBytes = times > 1 ? await peakAtBase(bench, file, store) : null;
  const removeObject = await stored(bench, store, plan.data);
  const worker = await startWorker(bench.stack.temporal);
  try {
    const sides = [floorSide(bench, plan, chosen), loadlineSide(bench, plan, worker)];
    // Untimed: a production worker has run loads before, and files have been read. With many rows the base did that.
    if (times === 1) await takeTurns(1, sides);
    const format = file.slice(plan.day.length + 1);
    const able = each.peers ? bench.peers.filter(({ formats }) => formats.includes(format)) : [];
    const peers = able.map((peer) => peerSide(bench, peer, plan));
    const runs = await takeTurns(pairs, [...sides, ...peers], (round, side, run) => sayRun(bench, round, side, run));
    const summary = loadSummary({ rows, chosen, worker, basePeakBytes, floors: runs.floor, loads: runs.Loadline });
    return { ...summary, peers: peers.map((peer) => summarizePeer(peer, runs[peer.name], runs.floor)) };
  } finally {
    await worker.stop();
    await Promise.all(['floor_target', 'events'].map((table) => bench.database.dropTable(table)));
    await Promise.all([removeLarge(), removeObject()]);
  }
}

/** The fastest variant and the fastest way for a file's format, found once for each at the base number of rows. */
async function chooseFloor(bench, file, full) {
  const { database, files, rows, found, say } = bench;
  const [day] = file.split('.');
  const format = file.slice(day.length + 1);
  const ranking = await once(found, `variants ${day} ${full}`, async () => {
    const prepare = () => database.makeTable('floor_target', full);
    return rankVariants({ database, file: await files.get(`${day}.csv`, rows), full, prepare });
  });
  const ways = await once(found, `ways ${format}`, async () => rankWays(database, await files.get(file, rows)));
  const times = (list) => list.map(({ name, ms }) => `${name} ${ms === null ? 'cut off' : Math.round(ms)}`).join(', ');
  say(`  floor, ms: ${times(ranking)}${ways.length > 1 ? `; into its stage: ${times(ways)}` : ''}`);
  return { ranking, ways, variant: ranking[0], way: ways[0] };
}

async function once(found, key, find) {
  if (!found.has(key)) found.set(key, await find());
  return found.get(key);
}

function floorSide(bench, plan, { variant, way }) {
  const { database } = bench;
  let checked = false;
  return {
    name: 'floor',
    async prepare() {
      await database.makeTable('floor_target', plan.full);
      await database.settle();
    },
    run: () => floorLoad(database, plan.data, { sql: variant.sql, way }),
    async check() {
      if (!checked) {
        noteContent(bench, plan, await database.fingerprint('floor_target'));
        checked = true;
      }
      await database.dropTable('floor_target');
    },
  };
}

function loadlineSide(bench, plan, worker) {
  const { database } = bench;
  return {
    name: 'Loadline',
    async prepare() {
      await database.makeTable('events', plan.full);
      await database.settle();
    },
    run: () => runLoad(bench, worker, nextLoad(plan.data.glob, 'events', plan.store)),
    async check() {
      const [got, expected] = [await database.fingerprint('events'), expectedContent(bench, plan)];
      if (got !== expected) throw new Error(`The floor's table has ${expected}, Loadline's ${got}.`);
    },
  };
}

/** Brings a file to where it is loaded from; the result takes it away. */
async function stored({ objects, say }, store, { path, glob }) {
  if (store === 'files') return async () => undefined;
  say(`  storing ${glob}`);
  await objects.put(path, glob);
  return () => objects.remove(glob);
}

/** The peak of two loads with the base number of rows, for the ratio. */
async function peakAtBase(bench, file, store) {
  const worker = await startWorker(bench.stack.temporal);
  try {
    const data = await bench.files.get(file, bench.rows);
    await stored(bench, store, data);
    const peaks = [];
    for (let run = 0; run < 2; run++) {
      await bench.database.makeTable('events', false);
      peaks.push((await runLoad(bench, worker, nextLoad(data.glob, 'events', store))).peakBytes);
    }
    return Math.max(...peaks);
  } finally {
    await worker.stop();
  }
}

function sayRun({ say }, round, { name, peer }, run) {
  const seconds = `${(run.ms / 1000).toFixed(2)} s`;
  if (peer) say(`  ${round}: ${name} ${seconds}, ${peerText(run)}`);
  else if (name === 'floor') say(`  ${round}: floor ${seconds} (${partsText(run.parts)})`);
  else say(`  ${round}: Loadline ${seconds} (${partsText(run.activities)}), peak ${megabytes(run.peakBytes)} MB`);
}
