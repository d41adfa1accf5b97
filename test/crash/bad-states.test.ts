import { execFileSync } from 'node:child_process';
import { chown, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import { postgresAccount } from '../../workers/embedded/postgres-account';
import { openLab, type Lab } from '../integration/support/lab';
import { raw } from '../integration/support/source';
import { ask, expectHealed } from '../integration/bad-days/support/healing';
import {
  copyOf,
  ownPostgres,
  rawPostgres,
  type OwnPostgres,
  type RawPostgres,
} from '../integration/bad-days/support/own-postgres';

jest.setTimeout(120_000);
const marker = 'S3CRET-VALUE';
const password = 'hunter2-hunter2';
const columns = { id: { type: 'integer' }, name: { type: 'text' } } as const;

let own: OwnPostgres;
let lab: Lab;
beforeAll(async () => {
  own = await ownPostgres('states');
  const few = new URL(own.url);
  [few.username, few.password] = ['few', password];
  await ask(own.url, `CREATE ROLE few LOGIN SUPERUSER PASSWORD '${password}' CONNECTION LIMIT 12`);
  lab = await openLab('states', { warehouses: { own: own.url, few: few.href }, tune: { workMem: '64kB' } });
  await lab.load((await loadOf('first')) as never);
});
afterAll(async () => {
  await lab.stop();
  await own.end();
});

const hides = [marker, password];

/** A load of some rows into a table of its own, on the server that fails. */
async function loadOf(name: string, { warehouse = 'own', rows = 3, text = marker, mode = 'append' } = {}) {
  const into = lab.contract({ name, table: `${warehouse}/public.${name}`, columns, key: ['id'], create: 'if-missing' });
  await lab.file(`${name}/a.csv`, `id,name\n${Array.from({ length: rows }, (_, i) => `${i},${text}\n`).join('')}`);
  return { pipeline: name, into, mode, from: raw(`${name}/*.csv`) };
}

/** Those that loads have left open know settings of another time. */
async function endSessions(): Promise<void> {
  await ask(own.url, `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'loadline'`);
}

async function expectOnce(name: string, rows = 3): Promise<void> {
  const found = await ask(own.url, `SELECT count(*)::int AS n, count(DISTINCT id)::int AS ids FROM ${name}`);
  expect(found).toEqual([{ n: rows, ids: rows }]);
  const ledger = await ask(own.url, `SELECT 1 FROM _loadline.ledger WHERE load_key LIKE 'v1/${name}/%'`);
  expect(ledger).toHaveLength(1);
}

test('a database that takes no writes is waited for', async () => {
  const request = await loadOf('read_only');
  const setting = (on: string) => ask(own.url, `ALTER DATABASE bad_day SET default_transaction_read_only = ${on}`);
  await setting('on');
  await endSessions();
  const mend = async () => void (await ask(own.url, 'SET default_transaction_read_only = off', 'ALTER DATABASE bad_day RESET default_transaction_read_only')); // prettier-ignore
  await expectHealed(lab, { request, code: 'WarehouseReadOnly', says: ['25006', 'standby'], hides, mend });
  await expectOnce('read_only');
});

test('a role without a connection left is waited for', async () => {
  const request = await loadOf('crowded', { warehouse: 'few' });
  const crowd: Client[] = [];
  const few = new URL(own.url);
  [few.username, few.password] = ['few', password];
  await ask(own.url, 'ALTER ROLE few NOSUPERUSER', 'GRANT ALL ON DATABASE bad_day TO few', 'GRANT ALL ON SCHEMA public TO few'); // prettier-ignore
  await ask(own.url, 'GRANT ALL ON SCHEMA _loadline, _loadline_stage TO few', 'GRANT ALL ON ALL TABLES IN SCHEMA _loadline TO few'); // prettier-ignore
  for (let i = 0; i < 12; i++) {
    const client = new Client({ connectionString: few.href });
    client.on('error', () => undefined);
    await client.connect();
    crowd.push(client);
  }
  const mend = async () => void (await Promise.all(crowd.map((c) => c.end())));
  await expectHealed(lab, { request, code: 'WarehouseBusy', says: ['/bad_day', '53300'], hides, activity: 'openLoad', mend }); // prettier-ignore
  await expectOnce('crowded');
});

test('time-outs that an administrator set for all sessions do not end a load', async () => {
  const request = await loadOf('timed', { rows: 60_000, mode: 'merge' });
  const names = ['statement_timeout', 'transaction_timeout', 'idle_in_transaction_session_timeout', 'lock_timeout'];
  const took = performance.now();
  for (const name of names) await ask(own.url, `ALTER DATABASE bad_day SET ${name} = '40ms'`);
  await ask(own.url, `ALTER DATABASE bad_day SET idle_session_timeout = '300ms'`);
  try {
    expect(await lab.load(request as never)).toMatchObject({ outcome: 'loaded', tables: [{ inserted: 60_000 }] });
    expect(performance.now() - took).toBeGreaterThan(40);
  } finally {
    for (const name of [...names, 'idle_session_timeout']) await ask(own.url, `ALTER DATABASE bad_day RESET ${name}`);
  }
  await expectOnce('timed', 60_000);
});

test('a server that shuts down, stays away and comes back is waited for', async () => {
  const request = await loadOf('shutdown');
  const holder = new Client({ connectionString: own.url });
  holder.on('error', () => undefined);
  await holder.connect();
  await endSessions();
  // A smart shutdown: it waits for the sessions there are, and takes no others.
  process.kill(own.running().pid, 'SIGTERM');
  await sleep(300);
  const mend = async () => {
    await holder.end();
    await own.running().exited;
    await own.stop();
    await own.start();
  };
  await expectHealed(lab, { request, code: 'WarehouseBusy', says: ['57P03', 'starting up'], hides, mend });
  await expectOnce('shutdown');
});

test('a server that is starting up is waited for', async () => {
  const request = await loadOf('starting');
  await own.stop();
  const copy = await copyOf(own, 'starting');
  await writeFile(join(copy.dataDir, 'standby.signal'), '');
  // It recovers for ever, and meanwhile answers as one that starts.
  const starting = await rawPostgres(copy, { args: ['hot_standby=off'] });
  const mend = async () => {
    await starting.stop();
    await own.start();
  };
  await expectHealed(lab, { request, code: 'WarehouseBusy', says: ['57P03', 'starting up'], hides, mend });
  await expectOnce('starting');
});

test('a standby is waited for until it is promoted', async () => {
  const request = await loadOf('standby');
  await own.stop();
  const copy = await copyOf(own, 'standby');
  await writeFile(join(copy.dataDir, 'standby.signal'), '');
  const standby: RawPostgres = await rawPostgres(copy, {});
  try {
    const mend = async () => void (await ask(own.url, 'SELECT pg_promote()'));
    await expectHealed(lab, { request, code: 'WarehouseReadOnly', says: ['25006', 'standby'], hides, mend });
    await expectOnce('standby');
  } finally {
    await standby.stop();
    await own.start();
  }
});

test('a load that needs more temporary files than are allowed says so, and goes on when they are', async () => {
  const request = await loadOf('temporary', { rows: 60_000, mode: 'merge' });
  await ask(own.url, `ALTER DATABASE bad_day SET temp_file_limit = '64kB'`);
  await endSessions();
  const mend = async () => void (await ask(own.url, 'ALTER DATABASE bad_day RESET temp_file_limit'));
  await expectHealed(lab, {
    request,
    code: 'WarehouseFull',
    says: ['53400', 'temp_file_limit', 'workMem'],
    hides,
    mend,
  });
  await expectOnce('temporary', 60_000);
});

test('a server without memory for a value is waited for', async () => {
  const request = await loadOf('memory', { rows: 1, text: `${marker}${'m'.repeat(120_000_000)}` });
  await own.stop();
  // An address space that is enough for sessions, and not for such a line.
  const poor = await rawPostgres(own, { args: ['shared_buffers=16MB'], limits: ['--as=400000000'] });
  const mend = async () => {
    await poor.stop();
    await own.start();
  };
  await expectHealed(lab, {
    request,
    code: 'WarehouseFull',
    says: ['53200', 'memory'],
    hides,
    activity: 'stage',
    mend,
  });
  await expectOnce('memory', 1);
});

/** A file system of a few megabytes; only root may make one. */
const asRoot = process.getuid?.() === 0 ? describe : describe.skip;

asRoot('on a disk that is full', () => {
  let disk: string;
  const resize = (size: string): void => void execFileSync('mount', ['-o', `remount,size=${size}`, disk]);
  beforeAll(async () => {
    disk = join(own.folder, 'disk');
    await mkdir(disk);
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=4m', 'loadline', disk]);
    const account = await postgresAccount();
    await chown(disk, account!.uid, account!.gid);
    await ask(own.url, `CREATE TABLESPACE small LOCATION '${disk}'`);
  });
  afterAll(async () => {
    await own.stop();
    execFileSync('umount', [disk]);
  });

  test('a load waits in stage for room, and leaves nothing of its attempts', async () => {
    const request = await loadOf('full_stage', { rows: 60_000, text: `${marker}-${'x'.repeat(80)}` });
    await ask(own.url, 'CREATE TABLE full_stage (id integer, name text) TABLESPACE pg_default', 'ALTER DATABASE bad_day SET default_tablespace = small'); // prettier-ignore
    await endSessions();
    await expectHealed(lab, {
      request,
      code: 'WarehouseFull',
      says: ['full_stage/a.csv', '53100', 'Free space'],
      hides,
      activity: 'stage',
      async mend() {
        expect(await ask(own.url, 'SELECT FROM full_stage LIMIT 1')).toEqual([]);
        resize('200m');
        await ask(own.url, 'ALTER DATABASE bad_day RESET default_tablespace');
      },
    });
    await endSessions();
    await expectOnce('full_stage', 60_000);
  });

  test('a load waits in publish for room, and shows nobody half of its rows', async () => {
    resize('4m');
    const request = await loadOf('full_publish', { rows: 60_000, text: `${marker}-${'y'.repeat(80)}`, mode: 'merge' });
    await ask(own.url, 'CREATE TABLE full_publish (id integer PRIMARY KEY, name text) TABLESPACE small');
    await expectHealed(lab, {
      request,
      code: 'WarehouseFull',
      says: ['53100', 'Free space'],
      hides,
      activity: 'publish',
      async mend() {
        expect(await ask(own.url, 'SELECT FROM full_publish LIMIT 1')).toEqual([]);
        resize('200m');
      },
    });
    await expectOnce('full_publish', 60_000);
  });
});
