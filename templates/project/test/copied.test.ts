import { strict as assert } from 'node:assert';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { createTestEnvironment, expectLoaded } from 'loadline/testing';
import config from '../loadline.config';
import type { __workflow__ } from '../workflows/__name__';

test('the sample is loaded, and loaded once', async () => {
  const env = await createTestEnvironment(config);
  try {
    await env.file('raw', __sample__, await readFile('__sampleFile__'));
    expectLoaded(await env.run<typeof __workflow__>('__workflow__'), { __counts__ });
    expectLoaded(await env.run<typeof __workflow__>('__workflow__'), { outcome: 'already-loaded' });
    const [table] = await env.rows<{ rows: number }>('SELECT count(*)::integer AS rows FROM __table__');
    assert.equal(table?.rows, __rows__);
  } finally {
    await env.close();
  }
});
