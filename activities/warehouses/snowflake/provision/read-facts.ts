import { loadErrorOf, loadFailure } from '../../../../workflows/load-error';
import type { WantedProvision } from '../../provision';
import type { FoundObject } from '../../provisioning/found';
import { foundVersion, ledgerTables } from '../../sql/ledger-schema';
import { Locks } from '../../sql/locks';
import type { SqlBackend } from '../../sql/port';
import { namedTargets, type NamedTarget } from '../../sql/provision/targets';
import { internalStage } from '../bulk-load';
import type { Session } from '../client';
import type { ResolvedSnowflakeConfig } from '../config';
import { ident, literal } from '../dialect';
import type { Facts, FoundRole, FoundTarget, Workers } from './facts';

type Row = Record<string, unknown>;

/** What is read with: one session of the administrator, and the same as the protocol's port. */
export interface Reading {
  readonly session: Session;
  readonly backend: SqlBackend;
  readonly config: ResolvedSnowflakeConfig;
  readonly workers: Workers;
}

/** Reads what is there. @throws `LedgerTooNew`, `InvalidConfig`, `PermissionDenied` */
export async function readFacts(reading: Reading, wanted: WantedProvision): Promise<Facts> {
  const { session, backend, config, workers } = reading;
  const admin = await readAdmin(session, wanted);
  const database = await objectOf(session, `DATABASE ${ident(config.database)}`);
  const ledger = new Map<(typeof ledgerTables)[number], FoundObject>();
  for (const table of ledgerTables) {
    const found = await objectOf(session, `TABLE ${backend.ledgerSchema}.${ident(table)}`);
    if (found) ledger.set(table, found);
  }
  const roles = new Map<string, FoundRole>();
  for (const name of Object.values(wanted.roles)) {
    const found = name === null ? null : await readRole(session, name);
    if (found) roles.set(name!, found);
  }
  const users = await session.run('provision:user', `SHOW USERS LIKE ${literal(workers.user)}`);
  return {
    admin,
    database,
    warehouse: (workers.warehouse && (await objectOf(session, `WAREHOUSE ${ident(workers.warehouse)}`))) || null,
    roles,
    user: users.map(nameOf).find((name) => name.toUpperCase() === workers.user.toUpperCase()) ?? null,
    ledgerVersion: await foundVersion(backend),
    ledgerSchema: await objectOf(session, `SCHEMA ${backend.ledgerSchema}`),
    stageSchema: await objectOf(session, `SCHEMA ${backend.stageSchema}`),
    stage: await objectOf(session, `STAGE ${internalStage(config)}`),
    ledger,
    targets: database ? await readTargets(reading, await namedTargets(backend, wanted)) : [],
  };
}

async function readAdmin(session: Session, { roles }: WantedProvision): Promise<string> {
  const [row] = await session.run('provision:admin', 'SELECT CURRENT_ROLE() AS "role"');
  const admin = String(row?.['role']);
  const taken = Object.entries(roles).find(([role, name]) => role !== 'owner' && name === admin);
  if (!taken) return admin;
  throw loadFailure('InvalidConfig', {
    object: `provision.roles.${taken[0]}`,
    expected: 'another role than the one that provisions',
    got: admin,
    remedy: 'Name another role, or let provision.admin use the role of an administrator.',
  });
}

async function readTargets({ session, backend }: Reading, named: readonly NamedTarget[]): Promise<FoundTarget[]> {
  const locks = new Locks(backend);
  const targets: FoundTarget[] = [];
  for (const one of named) {
    const [database, schema] = one.target.split('.').map(decodeURIComponent).map(ident);
    const kind = one.kind === 'other' ? 'VIEW' : 'TABLE';
    targets.push({
      ...one,
      inSchema: await objectOf(session, `SCHEMA ${database}.${schema}`),
      found: one.kind && (await objectOf(session, `${kind} ${backend.dialect.relation(one.target)}`)),
      lock: one.readOnly ? null : await objectOf(session, `TABLE ${locks.table(one.target).name}`),
    });
  }
  return targets;
}

/** The owner and the rights of a thing; `null`: it is not there, or not shown to this role. */
async function objectOf(session: Session, object: string): Promise<FoundObject | null> {
  const rows = await session.run('provision:grants', `SHOW GRANTS ON ${object}`).catch((error: unknown) => {
    if (['TargetNotFound', 'DatabaseNotFound'].includes(loadErrorOf(error)?.type ?? '')) return null;
    throw error;
  });
  if (rows === null) return null;
  const owner = rows.find((row) => row['privilege'] === 'OWNERSHIP');
  const grants = rows
    .filter((row) => row !== owner)
    .map((row) => ({ grantee: granteeOf(row), privilege: String(row['privilege']) }));
  return { owner: owner ? granteeOf(owner) : '', grants };
}

/** A role by its name; shares and others with what they are before it. */
function granteeOf(row: Row): string {
  const name = unquoted(String(row['grantee_name']));
  const kind = String(row['granted_to'] ?? 'ROLE');
  return kind === 'ROLE' ? name : `${kind.replaceAll('_', ' ')} ${name}`;
}

async function readRole(session: Session, name: string): Promise<FoundRole | null> {
  const found = await session.run('provision:roles', `SHOW ROLES LIKE ${literal(name)}`);
  // A pattern, in which `_` is any letter.
  if (!found.map(nameOf).includes(name)) return null;
  const who = await session.run('provision:roles', `SHOW GRANTS OF ROLE ${ident(name)}`);
  const has = await session.run('provision:roles', `SHOW GRANTS TO ROLE ${ident(name)}`);
  const grantees = (to: string): string[] =>
    who.filter((row) => row['granted_to'] === to).map((row) => unquoted(String(row['grantee_name'])));
  const on = (kind: string): Row[] => has.filter((row) => row['granted_on'] === kind);
  return {
    users: grantees('USER'),
    roles: grantees('ROLE'),
    memberOf: on('ROLE')
      .filter((row) => row['privilege'] === 'USAGE')
      .map((row) => unquoted(nameOf(row))),
    ofAccount: on('ACCOUNT').map((row) => String(row['privilege'])),
  };
}

const nameOf = (row: Row): string => String(row['name']);

/** Names are told in quotes where they need them. */
const unquoted = (name: string): string => (/^".*"$/s.test(name) ? name.slice(1, -1).replaceAll('""', '"') : name);
