import { loadFailure } from '../../../../workflows/load-error';
import { targetIdentity } from '../../../../workflows/load-key';
import { parseTableName } from '../../../contracts';
import type { ProvisionRoleNames, WantedProvision, WantedTable } from '../../provision';
import { onlyOnce, tablesOf } from '../../provisioning/targets';
import type { Session } from '../client';
import type { ResolvedPostgresConfig } from '../config';
import { ledgerNames, versionIn } from '../ledger-schema';
import { findTarget } from '../target-kind';
import type { Facts, FoundAdmin, FoundObject, FoundRelation, FoundRole, FoundTarget } from './facts';

/** Reads what is there. @throws `LedgerTooNew`, `InvalidConfig`, `PermissionDenied` */
export async function readFacts(s: Session, config: ResolvedPostgresConfig, wanted: WantedProvision): Promise<Facts> {
  const { admin, database } = await readAdmin(s, wanted.roles);
  const targets: FoundTarget[] = [];
  for (const table of wanted.tables) targets.push(...(await readTargets(s, table)));
  return {
    admin,
    database,
    roles: await readRoles(s, wanted.roles),
    ledgerVersion: await versionIn(s, ledgerNames(config)),
    ledgerSchema: await readSchema(s, config.ledgerSchema),
    stageSchema: await readSchema(s, config.stageSchema),
    ledger: await readRelations(s, config.ledgerSchema, null),
    targets: onlyOnce(targets),
  };
}

/** The rights in an access list, as JSON; columns are told by their number where there are any. */
const grantsOf = (acl: string): string =>
  `coalesce((SELECT json_agg(json_build_object('grantee', coalesce(r.rolname, ''), 'privilege', a.privilege_type))
     FROM aclexplode(${acl}) a LEFT JOIN pg_roles r ON r.oid = a.grantee), '[]')`;

async function readAdmin(
  s: Session,
  roles: ProvisionRoleNames,
): Promise<{ admin: FoundAdmin; database: Facts['database'] }> {
  const [row] = await s.rows<FoundAdmin & { database: Facts['database'] }>(
    'provision:admin',
    `SELECT r.rolname AS name, r.rolsuper AS superuser, r.rolsuper OR r.rolcreaterole AS "createsRoles",
       has_database_privilege(d.oid, 'CREATE') AS "createsSchemas",
       json_build_object('name', d.datname, 'owner', pg_get_userbyid(d.datdba),
         'grants', ${grantsOf(`coalesce(d.datacl, acldefault('d', d.datdba))`)}) AS database
     FROM pg_roles r, pg_database d WHERE r.rolname = current_user AND d.datname = current_database()`,
  );
  const { database, ...admin } = row!;
  const taken = Object.entries(roles).find(([role, name]) => role !== 'owner' && name === admin.name);
  if (!taken) return { admin, database };
  throw loadFailure('InvalidConfig', {
    object: `provision.roles.${taken[0]}`,
    expected: 'another role than the one that provisions',
    got: admin.name,
    remedy: 'Name another role, or let provision.admin log in as an administrator.',
  });
}

async function readRoles(s: Session, names: ProvisionRoleNames): Promise<Map<string, FoundRole>> {
  // Since 16 one may be a member of a role without being allowed to act as it.
  const rows = await s.rows<FoundRole & { name: string }>(
    'provision:roles',
    `SELECT r.rolname AS name, r.rolsuper AS superuser, r.rolsuper OR r.rolbypassrls AS "bypassesPolicies",
       pg_has_role(current_user, r.oid, CASE WHEN current_setting('server_version_num')::int >= 160000 THEN 'SET' ELSE 'MEMBER' END)
         AND pg_has_role(current_user, r.oid, 'USAGE') AS open,
       coalesce((SELECT json_agg(o.rolname ORDER BY o.rolname) FROM pg_roles o
         WHERE o.oid <> r.oid AND NOT r.rolsuper AND pg_has_role(r.oid, o.oid, 'MEMBER')), '[]') AS "memberOf"
     FROM pg_roles r WHERE r.rolname = ANY($1)`,
    [Object.values(names).filter((name) => name !== null)],
  );
  return new Map(rows.map(({ name, ...role }) => [name, role]));
}

async function readSchema(s: Session, name: string): Promise<FoundObject | null> {
  const [found] = await s.rows<FoundObject & Record<string, unknown>>(
    'provision:schema',
    `SELECT pg_get_userbyid(nspowner) AS owner, ${grantsOf(`coalesce(nspacl, acldefault('n', nspowner))`)} AS grants
     FROM pg_namespace WHERE nspname = $1`,
    [name],
  );
  return found ?? null;
}

/** The relations of a schema, or the one of that name. */
async function readRelations(s: Session, schema: string, name: string | null): Promise<Map<string, FoundRelation>> {
  const rows = await s.rows<FoundRelation & { name: string; columns: FoundRelation['grants'] }>(
    'provision:relations',
    `SELECT c.relname AS name, c.relkind::text AS kind, pg_get_userbyid(c.relowner) AS owner, c.relrowsecurity AS policed,
       ${grantsOf(`coalesce(c.relacl, acldefault('r', c.relowner))`)} AS grants,
       coalesce((SELECT json_agg(json_build_object('grantee', coalesce(r.rolname, ''), 'privilege', format('%s (%I)', a.privilege_type, t.attname)))
         FROM pg_attribute t CROSS JOIN aclexplode(t.attacl) a LEFT JOIN pg_roles r ON r.oid = a.grantee
         WHERE t.attrelid = c.oid AND NOT t.attisdropped), '[]') AS columns,
       coalesce((SELECT json_agg(json_build_object('name', format('%I.%I', sn.nspname, sq.relname), 'owner', pg_get_userbyid(sq.relowner),
           'grants', ${grantsOf(`coalesce(sq.relacl, acldefault('s', sq.relowner))`)}) ORDER BY sq.oid) FROM pg_depend d
         JOIN pg_class sq ON sq.oid = d.objid AND sq.relkind = 'S' JOIN pg_namespace sn ON sn.oid = sq.relnamespace
         WHERE d.refobjid = c.oid AND d.classid = 'pg_class'::regclass AND d.deptype = 'a'), '[]') AS sequences
     FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
     WHERE n.nspname = $1 AND ($2::text IS NULL OR c.relname = $2) AND c.relkind IN ('r', 'p', 'v', 'm', 'f') ORDER BY 1`,
    [schema, name],
  );
  return new Map(
    rows.map(({ name: key, columns, ...found }) => [key, { ...found, grants: [...found.grants, ...columns] }]),
  );
}

/** The table that a contract writes, and those that its checks read. */
async function readTargets(s: Session, { contract, appends }: WantedTable): Promise<FoundTarget[]> {
  const targets: FoundTarget[] = [];
  for (const { table, readOnly } of tablesOf(contract)) {
    const { schema: written, table: name } = parseTableName(table)!;
    const { database, schema } = await findTarget(s, written ?? undefined, name);
    if (schema === null)
      throw loadFailure('TargetNotFound', { object: table, expected: 'a schema on the search path' });
    targets.push({
      contract,
      appends,
      target: targetIdentity(database, schema, name),
      schema,
      inSchema: await readSchema(s, schema),
      found: (await readRelations(s, schema, name)).get(name) ?? null,
      readOnly,
    });
  }
  return targets;
}
