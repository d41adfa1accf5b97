import { testProvision } from '../sql/provision';
import { loader, openBigQueryProvisionPlace } from './provision-place';

testProvision(openBigQueryProvisionPlace, (place, wanted) => {
  test('datasets are made where and as they are asked for, and nobody gets in who has a basic role of the project', async () => {
    const { config, dataset } = place();
    const [ledger, stages] = [await dataset(config.ledgerDataset), await dataset(config.stageDataset)];
    expect(ledger).toMatchObject({ labels: { loadline: 'own' } });
    expect(stages.access).toEqual([
      { role: 'OWNER', specialGroup: 'projectOwners' },
      { role: 'WRITER', userByEmail: loader },
    ]);
  });

  test('labels and the expiration of stages follow the configuration, and who else is let in stays', async () => {
    const { config, as, dataset, access, schema, client } = place();
    const view = { view: { projectId: 'p', datasetId: 'd', tableId: 't' } };
    await access(config.stageDataset, (list) => [
      ...list.filter((entry) => entry.userByEmail !== loader),
      { role: 'READER', domain: 'acme.com' },
      view,
    ]);
    const other = as({ labels: { team: 'data' } }, 90 * 86_400_000);
    const { applied } = await other.apply(wanted(), { prune: true });
    expect(applied.map(({ change, object }) => [change, object])).toEqual([
      ['alter', `dataset ${config.ledgerDataset}`],
      ['alter', `dataset ${config.stageDataset}`],
      ['grant', `dataset ${config.stageDataset}`],
    ]);
    const found = await dataset(config.stageDataset);
    expect(found).toMatchObject({ labels: { loadline: 'own', team: 'data' }, defaultTableExpirationMs: '7776000000' });
    expect(found.access).toEqual(expect.arrayContaining([{ role: 'READER', domain: 'acme.com' }, view]));
    const { etag, labels } = await dataset(schema);
    await expect(client.patchDataset(schema, `${etag}x`, { labels: {} })).rejects.toMatchObject({ code: 412 });
    expect((await dataset(schema)).labels).toEqual(labels);
    await as({}).apply(wanted(), { prune: false });
  });

  test('a dataset in another place is told, with the command that lets the loader run jobs', async () => {
    const { as, config } = place();
    const { notes } = await as({ location: 'EU', stagingBucket: 'gs://acme-loads/loadline' }).plan(wanted());
    expect(notes).toMatchObject([
      {
        remedy: expect.stringContaining(
          `add-iam-policy-binding ${config.jobProject} --member 'serviceAccount:${loader}'`,
        ),
      },
      { object: 'bucket gs://acme-loads', remedy: expect.stringContaining('--role roles/storage.objectCreator') },
      { found: 'is in US, not in EU' },
      {},
      {},
    ]);
  });
});
