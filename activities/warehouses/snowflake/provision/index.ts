import { loadErrorOf, loadFailure } from '../../../../workflows/load-error';
import type { Provisioner, ProvisionPlan, ProvisionStep, WantedProvision } from '../../provision';
import { makeSo } from '../../provisioning/make-so';
import { snowflakeBackend } from '..';
import { SnowflakeClient, type Session } from '../client';
import type { ResolvedSnowflakeConfig } from '../config';
import { snowflakeFailure } from '../errors';
import { planOf } from './diff';
import type { Workers } from './facts';
import { readFacts } from './read-facts';

/**
 * Opens the provisioner of a Snowflake warehouse, with the administrator's login. Connects at the first use. Snowflake commits each
 * statement of this kind by itself: what has failed half-way is gone on with by doing it again.
 */
export function openSnowflakeProvisioner(name: string, config: ResolvedSnowflakeConfig, workers: Workers): Provisioner {
  const alone = { ...config, maxPublishing: 1, maxStaging: 1 };
  const client = new SnowflakeClient(alone);
  const backend = snowflakeBackend(alone, client);
  const making = { backend, config: alone, workers };
  const look = async (session: Session, wanted: WantedProvision): Promise<ProvisionPlan> =>
    planOf(name, await readFacts({ session, ...making }, wanted), wanted, making);
  return {
    plan: (wanted) => client.session((session) => look(session, wanted)),
    apply: (wanted, { prune }) =>
      client.session((session) =>
        makeSo({ look: () => look(session, wanted), run: (step) => run(session, step) }, prune),
      ),
    close: () => client.close(),
  };
}

async function run(session: Session, { object, sql }: ProvisionStep): Promise<void> {
  for (const statement of sql)
    await session.run('provision', statement).catch((error: unknown) => {
      const failure = loadErrorOf(error);
      if (failure?.type !== 'PermissionDenied' && failure?.type !== 'TargetNotFound')
        throw snowflakeFailure(error, { object });
      throw loadFailure('PermissionDenied', {
        object,
        ...(failure.details[0].got && { got: failure.details[0].got }),
        remedy: `Provision as the owner, or as a role with MANAGE GRANTS: ${statement}.`,
      });
    });
}
