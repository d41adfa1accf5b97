import { Client as PgClient } from 'pg';
import { freePort } from '../../../workers/embedded/free-port';
import { openDeps } from '../../../workers/open-deps';
import { createDatabase } from '../../services/services';
import { openLab } from '../support/lab';

test('a warehouse that cannot be reached keeps no other one unswept, and the run goes on trying', async () => {
  const apart = `postgres://nobody:none@127.0.0.1:${await freePort()}/none`;
  const behind = await createDatabase('sweeper_behind');
  const lab = await openLab('sweeper_apart', { warehouses: { apart, behind } });
  const deps = openDeps(lab.config);
  const db = new PgClient({ connectionString: behind });
  await db.connect();
  try {
    await deps.warehouses.get('behind')!.prepare();
    // A stage that is registered and was never made, of a run that nobody knows.
    await db.query(`
      INSERT INTO _loadline.claims (load_key, pipeline, targets, identity, state, generation, fence) VALUES ('k', 'p', '{t}', 'interval', 'open', 1, 1);
      INSERT INTO _loadline.stages (stage, load_key, fence, workflow_id, run_id)
      VALUES ('"_loadline_stage"."left"', 'k', 1, 'gone', gen_random_uuid())`);
    const handle = await lab.start('sweepStages', []);
    while ((await db.query('SELECT FROM _loadline.stages')).rowCount !== 0)
      await new Promise((done) => setTimeout(done, 50));
    const { status, raw } = await handle.describe();
    expect(status.name).toBe('RUNNING');
    expect(raw.pendingActivities?.[0]?.activityType?.name).toBe('loadline.sweep');
    await handle.terminate('the test');
  } finally {
    await Promise.all([db.end(), deps.close()]);
    await lab.stop();
  }
});
