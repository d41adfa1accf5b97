import { createHash, randomBytes } from 'node:crypto';
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Store } from '../../../activities/stores/store';
import { loadErrorOf } from '../../../workflows/load-error';
import { ofCode, textOf } from '../../unit/sources/files';
import type { ObjectPlace } from './place';
import { openProxy } from './proxy';

const sha256 = (content: Uint8Array): string => createHash('sha256').update(content).digest('hex');
const part = 4 * 1024 * 1024;

/** What stores of objects do beyond {@link storeSuite}. */
export function objectSuite(open: () => Promise<ObjectPlace>): void {
  let place: ObjectPlace;
  beforeEach(async () => (place = await open()));
  afterEach(() => place.close());

  /** A file of this machine that is to become an object. */
  const made = (content: Uint8Array, name = 'made') => {
    const file = join(place.stateDir, name);
    writeFileSync(file, content);
    return { file, bytes: content.length, sha256: sha256(content), contentType: 'text/csv' };
  };
  const copies = (): string[] =>
    readdirSync(place.stateDir, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.copy'));

  test('in a bucket with versions the content that was read stays readable under its pin', async () => {
    await place.keepVersions();
    await place.write('a.csv', 'one');
    const store = place.store();
    const [listed] = await store.list('a.*');
    const file = await store.open('a.csv', listed);
    await file.read(Buffer.alloc(9));
    const pin = await file.stat();
    await place.write('a.csv', 'two');
    expect(await textOf(store.read('a.csv', pin))).toBe('one');
    expect(await textOf(store.read('a.csv'))).toBe('two');
    await place.remove('a.csv');
    expect(await textOf(store.read('a.csv', pin))).toBe('one');
    expect(await store.stat('a.csv', pin)).toMatchObject({ bytes: 3 });
    await expect(store.stat('a.csv')).rejects.toEqual(ofCode('SourceNotFound'));
    expect(await store.list('a.*')).toEqual([]);
  });

  test('an object that was overwritten or deleted since it was listed is SourceChanged however it is read', async () => {
    const store = place.store();
    await place.write('a.csv', 'one');
    const [file] = await store.list('a.*');
    const asked = [
      () => textOf(store.read('a.csv', file)),
      () => store.stat('a.csv', file),
      () => store.local('a.csv', file),
      () => store.open('a.csv', file).then((opened) => opened.read(Buffer.alloc(9))),
    ];
    await place.write('a.csv', 'two');
    for (const ask of asked) await expect(ask()).rejects.toEqual(ofCode('SourceChanged'));
    await place.remove('a.csv');
    for (const ask of asked) await expect(ask()).rejects.toEqual(ofCode('SourceChanged'));
    expect(copies()).toEqual([]);
  });

  test('an object that is overwritten while it is read is SourceChanged, and never a mix', async () => {
    const store = place.store();
    await place.write('big.bin', Buffer.alloc(5 * part, 'a'));
    const [listed] = await store.list('big.*');
    const file = await store.open('big.bin', listed);
    const buffer = Buffer.alloc(part);
    expect(await file.read(buffer)).toBe(part);
    await place.write('big.bin', Buffer.alloc(5 * part, 'b'));
    const rest = async (): Promise<void> => {
      for (let bytes; (bytes = await file.read(buffer)) > 0;)
        expect(buffer.subarray(0, bytes).includes('b')).toBe(false);
    };
    await expect(rest()).rejects.toEqual(ofCode('SourceChanged'));
    await file.close();
  });

  test('a connection that is cut in the middle of an object is made again', async () => {
    const content = randomBytes(2 * part);
    await place.write('big.bin', content);
    const proxy = await openProxy(place.endpoint);
    let cuts = 0;
    proxy.fate = (method) => (method === 'GET' && cuts++ % 2 === 0 ? 'cut' : 'pass');
    const local = await place.store({ endpoint: proxy.endpoint }).local('big.bin');
    expect(local.sha256).toBe(sha256(content));
    expect(cuts).toBeGreaterThan(2);
    await local.release();
    expect(copies()).toEqual([]);
    await proxy.close();
  });

  test('marks of folders are no files, and a key that is no path is refused rather than left out', async () => {
    const store = place.store();
    await place.write('x/', '');
    await place.write('x/a.csv', 'a');
    expect((await store.list('x/*')).map((f) => f.path)).toEqual(['x/a.csv']);
    expect((await store.list('**')).map((f) => f.path)).toEqual(['x/a.csv']);
    await place.write('x//b.csv', 'b');
    await expect(store.list('x/**/*.csv')).rejects.toEqual(ofCode('InvalidRequest'));
    expect(await store.list('y/*.csv')).toEqual([]);
  });

  test('of four that write at once one writes; equal content is fine, another is refused', async () => {
    const store = place.store();
    const write = (text: string) => store.put('b/x.csv', made(Buffer.from(text), text));
    const settled = await Promise.allSettled(['1', '2', '3', '4'].map(write));
    const written = settled.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
    expect(written).toEqual(['written']);
    for (const one of settled) if (one.status === 'rejected') expect(one.reason).toEqual(ofCode('BatchMissing'));
    const winner = await textOf(store.read('b/x.csv'));
    expect(await write(winner)).toBe('equal');
    expect(
      await Promise.all(['e', 'e', 'e', 'e'].map((text) => store.put('b/e.csv', made(Buffer.from(text))))).then((all) =>
        all.filter((one) => one === 'written'),
      ),
    ).toEqual(['written']);
    await place.write('b/by-hand.csv', 'same');
    expect(await store.put('b/by-hand.csv', made(Buffer.from('same')))).toBe('equal');
    await expect(store.put('b/by-hand.csv', made(Buffer.from('othr')))).rejects.toEqual(ofCode('BatchMissing'));
  });

  test('24 MB are written whole', async () => {
    const store = place.store();
    const content = randomBytes(24 * 1024 * 1024);
    expect(await store.put('big.csv', made(content))).toBe('written');
    const local = await store.local('big.csv');
    expect(local.sha256).toBe(sha256(content));
    await local.release();
    expect(await store.put('big.csv', made(content))).toBe('equal');
  });

  test('a bucket that is not there, and a server that is not there, are told apart', async () => {
    const bucket = 'loadline-test-no-such-bucket';
    const none = place.store({ bucket });
    for (const ask of [() => none.list('*.csv'), () => none.stat('a.csv'), () => none.reach()])
      await expect(ask()).rejects.toEqual(ofCode('SourceNotFound'));
    await expect(none.list('*.csv')).rejects.toThrow(/bucket does not exist.*no-such-bucket/);
    const nobody = place.store({ endpoint: 'http://127.0.0.1:9' });
    await expect(nobody.list('*.csv')).rejects.toEqual(ofCode('StoreUnreachable'));
    await expect(nobody.put('a.csv', made(Buffer.from('a')))).rejects.toEqual(ofCode('StoreUnreachable'));
  });

  test('credentials that are refused are CredentialsRejected, and no message tells them', async () => {
    const { stores, secrets, close } = await place.refused();
    const asking = (store: Store) => [
      () => store.list('*.csv'),
      () => store.stat('a.csv'),
      () => textOf(store.read('a.csv')),
    ];
    for (const ask of stores.flatMap(asking)) {
      const error = await ask().then(
        () => null,
        (e: unknown) => e,
      );
      expect(error).toEqual(ofCode('CredentialsRejected'));
      const told = JSON.stringify([loadErrorOf(error), String(error), loadErrorOf(error)?.details]);
      for (const secret of secrets) expect(told).not.toContain(secret);
      expect(told).not.toMatch(/Signature=|X-Amz-Signature|Bearer/);
    }
    await close();
  });
}
