import { execFileSync } from 'node:child_process';
import { appendFile, chown, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { postgresAccount } from '../../../workers/embedded/postgres-account';
import type { LoadErrorCode } from '../../../workflows/load-error-code';
import { openLab, type Lab } from '../support/lab';
import { expectRefused } from '../support/refusal';
import { raw } from '../support/source';
import { services } from '../../services/services';
import { ask, expectHealed, shown } from './support/healing';
import { ownPostgres, type OwnPostgres } from './support/own-postgres';

const marker = 'S3CRET-VALUE';
const password = 'hunter2-hunter2';
const columns = { id: { type: 'integer' }, name: { type: 'text' } } as const;

let own: OwnPostgres;
let lab: Lab;

/** A certificate authority, a certificate it signed, one that has expired, and one for another name. */
function makeCertificates(folder: string): void {
  const openssl = (...args: string[]): void => void execFileSync('openssl', args, { cwd: folder, stdio: 'pipe' });
  const signed = (name: string, host: string, ...dates: string[]): void => {
    openssl('req', '-newkey', 'rsa:2048', '-nodes', '-keyout', `${name}.key`, '-out', `${name}.csr`, '-subj', `/CN=${host}`, '-addext', `subjectAltName=DNS:${host}`); // prettier-ignore
    openssl('x509', '-req', '-in', `${name}.csr`, '-CA', 'ca.crt', '-CAkey', 'ca.key', '-out', `${name}.crt`, '-copy_extensions', 'copy', ...dates); // prettier-ignore
  };
  for (const ca of ['ca', 'stranger'])
    openssl('req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '10', '-keyout', `${ca}.key`, '-out', `${ca}.crt`, '-subj', `/CN=${ca}`); // prettier-ignore
  signed('good', 'localhost', '-days', '10');
  signed('other', 'elsewhere.example', '-days', '10');
  signed('expired', 'localhost', '-days', '-1');
}

async function serve(certificate: string): Promise<void> {
  const account = await postgresAccount();
  for (const ending of ['crt', 'key']) {
    const file = join(own.dataDir, `server.${ending}`);
    await writeFile(file, await readFile(join(own.folder, `${certificate}.${ending}`)), { mode: 0o600 });
    if (account) await chown(file, account.uid, account.gid);
  }
  await ask(own.url, 'SELECT pg_reload_conf()');
  // The next connection may still be answered as before.
  await ask(own.url, 'SELECT pg_sleep(0.3)');
}

const tls = (options: string, more: { user?: string } = {}): string => {
  const url = new URL(own.url);
  url.hostname = 'localhost';
  url.search = options;
  if (more.user) [url.username, url.password] = [more.user, password];
  return url.href;
};

beforeAll(async () => {
  own = await ownPostgres('tls');
  makeCertificates(own.folder);
  await ask(
    own.url,
    `CREATE TABLE t (id integer, name text)`,
    ...['shut_out', 'plain_out', 'no_login'].map((r) => `CREATE ROLE ${r} LOGIN PASSWORD '${password}'`),
    'ALTER ROLE no_login NOLOGIN',
  );
  await serve('good');
  const hba = join(own.dataDir, 'pg_hba.conf');
  const rules = ['host all shut_out all reject', 'hostnossl all plain_out all reject'].join('\n');
  await writeFile(hba, `${rules}\n${await readFile(hba, 'utf8')}`);
  await appendFile(join(own.dataDir, 'postgresql.conf'), '\nssl = on\n');
  await own.stop();
  await own.start();
  const ca = encodeURIComponent(join(own.folder, 'ca.crt'));
  const without = new URL(services().databaseUrl);
  without.search = 'sslmode=verify-full';
  lab = await openLab('refused', {
    warehouses: {
      no_tls: without.href,
      expired: tls(`sslmode=verify-full&sslrootcert=${ca}`),
      other: tls(`sslmode=verify-full&sslrootcert=${ca}`),
      unknown_ca: tls('sslmode=verify-full'),
      wrong_ca: tls(`sslmode=verify-full&sslrootcert=${encodeURIComponent(join(own.folder, 'stranger.crt'))}`),
      missing_ca: tls(`sslmode=verify-full&sslrootcert=${encodeURIComponent('/nowhere/ca.crt')}`),
      shut_out: tls('', { user: 'shut_out' }),
      plain_out: tls('', { user: 'plain_out' }),
      no_login: tls('', { user: 'no_login' }),
    },
  });
});
afterAll(async () => {
  await lab.stop();
  await own.end();
});

const requestFor = async (name: string, warehouse: string): Promise<unknown> => {
  const into = lab.contract({ name, table: `${warehouse}/public.t`, columns });
  await lab.file(`${name}/a.csv`, `id,name\n1,${marker}-${name}\n`);
  return { pipeline: name, into, mode: 'append', from: raw(`${name}/*.csv`) };
};

async function refused(warehouse: string, code: LoadErrorCode, says: (string | RegExp)[], attempts = 1): Promise<void> {
  const request = await requestFor(warehouse, warehouse);
  const hides = [marker, password, new URL(own.url).password, new URL(services().databaseUrl).password];
  await expectRefused(lab, request, { code, says, hides, attempts });
}

/** A certificate may be about to be renewed: it is shown, tried a few times, and need not be waited for. */
async function tlsRefused(warehouse: string, says: (string | RegExp)[]): Promise<void> {
  const handle = await lab.start('loadTable', [await requestFor(warehouse, warehouse)]);
  const { code, message } = await shown(handle);
  expect(code).toBe('TlsRefused');
  for (const text of says) expect(message).toMatch(text);
  await handle.cancel();
  await expect(handle.result()).rejects.toMatchObject({ cause: { name: 'CancelledFailure' } });
}

describe('a connection is refused with its reason', () => {
  test('the server speaks no TLS', () => refused('no_tls', 'TlsRefused', ['127.0.0.1', 'sslmode'], 5));
  test('nobody that is trusted has signed the certificate', () =>
    tlsRefused('unknown_ca', [/localhost/, /sslrootcert/, /Got .*SIGNATURE/]));
  test('another authority has signed it', () => tlsRefused('wrong_ca', [/localhost/, /sslrootcert/]));
  test("the authority's file is not there", () => refused('missing_ca', 'InvalidConfig', ['/nowhere/ca.crt']));
  test('the rules of the server reject the user', () =>
    refused('shut_out', 'CredentialsRejected', ['localhost', 'pg_hba.conf']));
  test('the rules of the server admit the user by TLS only', () =>
    refused('plain_out', 'CredentialsRejected', ['localhost', 'sslmode=require']));
  test('the role may not log in', () => refused('no_login', 'CredentialsRejected', ['localhost', 'LOGIN']));
});

test('a certificate that has expired, or is for another name, is refused until it is renewed', async () => {
  for (const certificate of ['expired', 'other']) {
    await serve(certificate);
    const request = await requestFor(certificate, certificate);
    const says = ['localhost', certificate === 'expired' ? /Got .*EXPIRED/ : /Got .*ALTNAME/];
    const mend = () => serve('good');
    await expectHealed(lab, { request, code: 'TlsRefused', says, hides: [marker], activity: 'openLoad', mend });
  }
  expect(await ask(own.url, 'SELECT id, count(*)::int AS n FROM t GROUP BY 1')).toEqual([{ id: 1, n: 2 }]);
});
