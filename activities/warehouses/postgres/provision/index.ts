import { loadErrorOf, loadFailure } from '../../../../workflows/load-error';
import type { Provisioner, ProvisionPlan, ProvisionStep, WantedProvision } from '../../provision';
import { makeSo } from '../../provisioning/make-so';
import { isMade } from '../../provisioning/targets';
import { PostgresClient, type Session } from '../client';
import { boundsOf, type ResolvedPostgresConfig } from '../config';
import { postgresFailure } from '../errors';
import { lockLedger } from '../ledger-schema';
import { lockNewTarget } from '../target-create';
import { planOf } from './diff';
import { readFacts } from './read-facts';

/** Opens the provisioner of a PostgreSQL warehouse, whose URL is the administrator's. Connects at the first use. */
export function openPostgresProvisioner(name: string, config: ResolvedPostgresConfig): Provisioner {
  // One statement after the other, and a look at who holds a lock.
  const alone = { ...config, maxPublishing: 1, maxStaging: 1, copySessions: 1 };
  const client = new PostgresClient(alone);
  const bounds = boundsOf(alone, 5 * 60_000);
  const look = async (tx: Session, wanted: WantedProvision): Promise<ProvisionPlan> =>
    planOf(name, await readFacts(tx, alone, wanted), wanted, alone);
  return {
    plan: (wanted) =>
      client.transaction(bounds, undefined, async (tx) => {
        await tx.run('provision:read-only', 'SET TRANSACTION READ ONLY');
        return { value: await look(tx, wanted), commit: false };
      }),
    apply: (wanted, { prune }) =>
      client
        .transaction(bounds, undefined, async (tx) => {
          await lockLedger(tx, alone);
          await lockTargets(tx, alone, wanted);
          const value = await makeSo({ look: () => look(tx, wanted), run: (step) => run(tx, step) }, prune);
          return { value, commit: value.applied.length > 0 };
        })
        .catch((error: unknown) => {
          throw loadErrorOf(error)?.type === 'CommitOutcomeUnknown' ? unknownOutcome(name) : error;
        }),
    close: () => client.close(),
  };
}

/** A first load may be about to make the same table. In an order, so that two of these do not wait for each other. */
async function lockTargets(tx: Session, config: ResolvedPostgresConfig, wanted: WantedProvision): Promise<void> {
  if (!wanted.makeTables) return;
  const { targets } = await readFacts(tx, config, wanted);
  const made = targets.filter((target) => isMade(target, wanted)).map(({ target }) => target);
  for (const target of made.sort()) await lockNewTarget(tx, target);
}

async function run(tx: Session, { object, sql }: ProvisionStep): Promise<void> {
  for (const statement of sql) {
    try {
      await tx.run('provision:apply', statement);
    } catch (error) {
      const { code = '' } = error as { code?: string };
      // Roles are the server's: somebody who provisions another database may have made the same one.
      if (['23505', '42710'].includes(code)) throw madeMeanwhile(object, code);
      const denied = code === '42501';
      throw postgresFailure(error, {
        object,
        ...(denied && { remedy: `Provision as the owner or as a superuser: ${statement}.` }),
      });
    }
  }
}

function madeMeanwhile(object: string, code: string): Error {
  return loadFailure('WarehouseError', {
    what: 'Somebody else has made the same at this moment; nothing was changed.',
    object,
    got: `SQLSTATE ${code}`,
    remedy: 'Run it again: it does what is left.',
  });
}

function unknownOutcome(object: string): Error {
  return loadFailure('CommitOutcomeUnknown', { object, remedy: 'Run it again: it does what is left.' });
}
