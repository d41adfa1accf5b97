import { randomBytes } from 'node:crypto';
import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ofCode } from '../unit/sources/files';
import { objectSuite } from './support/object-suite';
import { openProxy } from './support/proxy';
import { s3Place } from './support/s3-place';
import { storeSuite } from './support/store-suite';

describe('a store in S3', () => {
  storeSuite(s3Place);
  objectSuite(s3Place);

  test('without a prefix the whole bucket is the store, and a key that begins with a slash is refused', async () => {
    const place = await s3Place('');
    // By the other hand the key begins with a slash, which is no path.
    await expect(place.write('a.csv', 'a').then(() => place.store().list('*.csv'))).rejects.toEqual(
      ofCode('InvalidRequest'),
    );
    await place.close();
  });

  test('a part that arrives damaged is refused, leaves nothing behind, and is written by the next attempt', async () => {
    const place = await s3Place();
    const content = randomBytes(24 * 1024 * 1024);
    const file = join(place.stateDir, 'made');
    writeFileSync(file, content);
    const sha256 = createHash('sha256').update(content).digest('hex');
    const proxy = await openProxy(place.endpoint);
    const store = place.store({ endpoint: proxy.endpoint });
    const put = () => store.put('big.csv', { file, bytes: content.length, sha256, contentType: 'text/csv' });
    proxy.fate = (method, url) => (method === 'PUT' && url.includes('partNumber=2') ? 'damage' : 'pass');
    await expect(put()).rejects.toEqual(ofCode('StoreUnreachable'));
    expect(await place.store().list('big.*')).toEqual([]);
    let cut = false;
    proxy.fate = (method, url) =>
      !cut && method === 'PUT' && url.includes('partNumber=3') ? ((cut = true), 'cut') : 'pass';
    expect(await put()).toBe('written');
    expect(cut).toBe(true);
    const local = await place.store().local('big.csv');
    expect(local.sha256).toBe(sha256);
    await local.release();
    await Promise.all([proxy.close(), place.close()]);
  });

  test('what is written is encrypted by the key of the configuration', async () => {
    const place = await s3Place();
    const kmsKey = 'arn:aws:kms:us-east-1:123456789012:key/1234';
    const file = join(place.stateDir, 'made');
    for (const bytes of [10, 17 * 1024 * 1024]) {
      const content = randomBytes(bytes);
      writeFileSync(file, content);
      const sha256 = createHash('sha256').update(content).digest('hex');
      await place.store({ kmsKey }).put(`${bytes}.csv`, { file, bytes, sha256, contentType: 'text/csv' });
      expect(await place.encryptionOf(`${bytes}.csv`)).toEqual(['aws:kms', kmsKey]);
    }
    await place.close();
  });
});
