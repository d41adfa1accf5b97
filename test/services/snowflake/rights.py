"""Roles, owners and grants of the stand-in for Snowflake, looked at before every statement of a session that logs in with a role.

A session without one is ACCOUNTADMIN, who may do everything. What a role cannot see is said not to exist (002003), what it sees and may
not do is refused (003001), also CREATE ... IF NOT EXISTS of what is there. Kept for the whole account, in memory.

Not here: future grants, managed access, database roles, secondary roles, grants to users, masking. The catalogue shows everything.
"""
from __future__ import annotations

import re

import snowflake.connector.errors as sferr
from sqlglot import exp

ADMIN = "ACCOUNTADMIN"
PRIVILEGES = {
    "ACCOUNT": {"CREATE ROLE", "CREATE DATABASE", "MANAGE GRANTS"},
    "DATABASE": {"USAGE", "CREATE SCHEMA", "MODIFY", "MONITOR"},
    "SCHEMA": {"USAGE", "CREATE TABLE", "CREATE STAGE", "CREATE VIEW", "MODIFY", "MONITOR"},
    "TABLE": {"SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE", "REFERENCES"},
    "STAGE": {"READ", "WRITE"},
    "WAREHOUSE": {"USAGE", "OPERATE", "MODIFY", "MONITOR"},
}

roles: dict[str, str] = {name: ADMIN for name in (ADMIN, "SECURITYADMIN", "SYSADMIN", "USERADMIN", "PUBLIC")}  # name -> owner
members: dict[str, set[tuple[str, str]]] = {}  # role -> who has it: ("ROLE" or "USER", name)
users: set[str] = set()
warehouses: set[str] = set()
stages: set[tuple] = set()
owners: dict[tuple, str] = {}  # (kind, part, ...) -> role, where it is not the administrator
grants: dict[tuple, set[tuple[str, str]]] = {}  # (kind, part, ...) -> {(privilege, role)}
grants[("ACCOUNT",)] = {("CREATE ROLE", "USERADMIN"), ("MANAGE GRANTS", "SECURITYADMIN")}

NAME = r'(?:"(?:[^"]|"")+"|\w+)'
PLACE = rf"{NAME}(?:\.{NAME})*"


def refused(kind, name):
    return sferr.ProgrammingError(msg=f"SQL access control error:\nInsufficient privileges to operate on {kind.lower()} '{name}'", errno=3001, sqlstate="42501")


def missing(kind, name):
    kind = "Object" if kind == "TABLE" else kind.capitalize()
    return sferr.ProgrammingError(msg=f"SQL compilation error:\n{kind} '{name}' does not exist or not authorized.", errno=2003, sqlstate="02000")


def wrong(text):
    return sferr.ProgrammingError(msg=f"SQL compilation error:\n{text}", errno=1003, sqlstate="42000")


def stored(name):
    return name[1:-1].replace('""', '"') if name.startswith('"') else name.upper()


def parts_of(place):
    return tuple(stored(name) for name in re.findall(NAME, place))


# -- who may ----------------------------------------------------------------------------------------------------------


def role_of(conn):
    return getattr(conn, "_standin_role", ADMIN)


def all_roles(role):
    """A role with those that it has, and theirs."""
    found, todo = {"PUBLIC"}, [role]
    while todo:
        one = todo.pop()
        if one not in found or one == role:
            found.add(one)
            todo += [r for r, has in members.items() if ("ROLE", one) in has and r not in found]
    return found


def may(role, privilege, key):
    has = all_roles(role)
    if ADMIN in has or owners.get(key, ADMIN) in has:
        return True
    return any(p == privilege and r in has for p, r in grants.get(key, ()))


def sees(role, key):
    has = all_roles(role)
    return ADMIN in has or owners.get(key, ADMIN) in has or any(r in has for _, r in grants.get(key, ()))


def enter(role, parts):
    """Whoever names a thing has to be let into its database and its schema."""
    for kind, key in (("DATABASE", parts[:1]), ("SCHEMA", parts[:2])):
        if len(key) == len(parts):
            break
        if not may(role, "USAGE", (kind, *key)):
            raise missing(kind, ".".join(key))


def need(role, privilege, kind, *parts):
    enter(role, parts)
    key = (kind, *parts)
    if not may(role, privilege, key):
        raise refused(kind, parts[-1]) if sees(role, key) else missing(kind, ".".join(parts))


def owns(role, kind, *parts):
    enter(role, parts)
    if not all_roles(role) & {ADMIN, owners.get((kind, *parts), ADMIN)}:
        raise refused(kind, parts[-1])


def creates(role, what, kind, *parts):
    """Refused as an operation on the place, whether it is there already or not."""
    enter(role, parts)
    if not may(role, f"CREATE {what}", (kind, *parts)):
        raise refused(kind, parts[-1]) if sees(role, (kind, *parts)) else missing(kind, ".".join(parts))


def grants_on(role, kind, parts):
    """Whether a role may give and take rights of a thing: its owner, or who manages grants."""
    if may(role, "MANAGE GRANTS", ("ACCOUNT",)) or all_roles(role) & {ADMIN, owners.get((kind, *parts), ADMIN)}:
        return
    raise refused(kind, parts[-1] if parts else "account") if not parts or sees(role, (kind, *parts)) else missing(kind, ".".join(parts))


# -- statements that read or write rows, and DDL ---------------------------------------------------------------------------


def table_parts(conn, table):
    def name(node):
        return None if node is None else node.name if node.args.get("quoted") else node.name.upper()

    return (name(table.args.get("catalog")) or conn.database, name(table.args.get("db")) or conn.schema, name(table.this))


def tables_in(conn, e):
    inner = {cte.alias_or_name for cte in e.find_all(exp.CTE)}
    for table in e.find_all(exp.Table):
        if isinstance(table.this, exp.Identifier) and not (table.name in inner and not table.args.get("db")):
            yield table, table_parts(conn, table)


def target_of(e):
    t = e.args["tables"][0] if isinstance(e, exp.Drop) else e.this
    return t.this if isinstance(t, exp.Schema) else t


def writes(e):
    if isinstance(e, exp.Insert):
        return {"INSERT"}
    if isinstance(e, exp.Update):
        return {"UPDATE", "SELECT"}
    if isinstance(e, exp.Delete):
        return {"DELETE", "SELECT"}
    if isinstance(e, exp.Copy):
        return {"INSERT"}
    if isinstance(e, exp.Merge):
        then = {exp.Insert: "INSERT", exp.Update: "UPDATE"}
        return {"SELECT"} | {next((p for k, p in then.items() if isinstance(w.args["then"], k)), "DELETE") for w in e.find_all(exp.When)}
    return set()


def check(conn, e, command):
    """Refuses a statement that the session's role may not send."""
    role = role_of(conn)
    if e is None or ADMIN in all_roles(role):
        return
    if (warehouse := getattr(conn, "_standin_warehouse", None)) and isinstance(e, (exp.Query, exp.DML, exp.Copy)):
        if not may(role, "USAGE", ("WAREHOUSE", warehouse)):
            raise sferr.ProgrammingError(msg="No active warehouse selected in the current session.", errno=606, sqlstate="57P03")
    at_stages = [parts_of(p) for p in re.findall(rf"@({NAME}\.{NAME}\.{NAME})", command)]
    privilege = "READ" if isinstance(e, exp.Copy) else "WRITE"
    for parts in at_stages:
        need(role, privilege, "STAGE", *parts)
    target = None
    if isinstance(e, (exp.Create, exp.Drop, exp.Alter)) and (key := thing(conn, e)):
        target, (kind, *parts) = target_of(e), key
        if isinstance(e, exp.Create):
            creates(role, kind, ("ACCOUNT", "DATABASE", "SCHEMA")[len(parts) - 1], *parts[:-1])
        elif exists(conn, kind, parts):
            owns(role, kind, *parts)
    elif isinstance(e, exp.TruncateTable):
        target = e.expressions[0]
        need(role, "TRUNCATE", "TABLE", *table_parts(conn, target))
    elif wanted := writes(e):
        target = target_of(e)
        for one in sorted(wanted):
            need(role, one, "TABLE", *table_parts(conn, target))
    for table, parts in tables_in(conn, e):
        if table is target:
            continue
        if parts[1].upper() == "INFORMATION_SCHEMA":
            enter(role, (parts[0], ""))
        else:
            need(role, "SELECT", "TABLE", *parts)


def stored_name(table, arg):
    node = table.args.get(arg)
    return node and (node.name if node.args.get("quoted") else node.name.upper())


def thing(conn, e):
    """What a CREATE or a DROP is about; None: nothing that has rights."""
    kind = (e.args.get("kind") or "").upper()
    if kind not in ("TABLE", "VIEW", "SCHEMA", "DATABASE", "STAGE"):
        return None
    kind = "TABLE" if kind == "VIEW" else kind
    target = target_of(e)
    if not isinstance(target, exp.Table):
        return None
    if kind == "SCHEMA":
        return (kind, stored_name(target, "catalog") or conn.database, stored_name(target, "db"))
    if kind == "DATABASE":
        return (kind, stored_name(target, "this"))
    return (kind, *table_parts(conn, target))


def exists(conn, kind, parts):
    if kind in ("WAREHOUSE", "STAGE"):
        return (parts[0] in warehouses) if kind == "WAREHOUSE" else tuple(parts) in stages
    query = {
        "DATABASE": "SELECT 1 FROM duckdb_databases() WHERE database_name = ?",
        "SCHEMA": "SELECT 1 FROM duckdb_schemas() WHERE database_name = ? AND schema_name = ?",
        "TABLE": "SELECT 1 FROM information_schema.tables WHERE table_catalog = ? AND table_schema = ? AND table_name = ?",
    }[kind]
    return bool(conn._duck_conn.cursor().execute(query, list(parts)).fetchall())


def before(conn, e):
    """Whether what is about to be made is there already."""
    key = thing(conn, e) if isinstance(e, exp.Create) else None
    return key and exists(conn, key[0], key[1:])


def after(conn, e, was):
    """Keeps who owns what was made, and forgets what is gone."""
    if isinstance(e, exp.Create) and (key := thing(conn, e)):
        if key[0] == "STAGE":
            stages.add(key[1:])
        if not was:
            owners[key] = role_of(conn)
    if isinstance(e, exp.Drop) and (key := thing(conn, e)):
        for kept in (owners, grants):
            for one in [k for k in kept if k[1 : len(key)] == key[1:] and (k == key or key[0] in ("SCHEMA", "DATABASE"))]:
                kept.pop(one)
        for one in [s for s in stages if s[: len(key) - 1] == key[1:]]:
            stages.discard(one)


# -- roles and grants ---------------------------------------------------------------------------------------------------------

DONE = (["status"], [["Statement executed successfully."]])
GRANTS = ["created_on", "privilege", "granted_on", "name", "granted_to", "grantee_name", "grant_option", "granted_by"]


def create(conn, m):
    kind, unless, name = m[1].upper(), m[2], stored(m[3])
    role = role_of(conn)
    if kind == "ROLE" and not may(role, "CREATE ROLE", ("ACCOUNT",)) or kind != "ROLE" and ADMIN not in all_roles(role):
        raise refused("ACCOUNT", "standin")
    kept = {"ROLE": roles, "USER": users, "WAREHOUSE": warehouses}[kind]
    if name in kept:
        if not unless:
            raise sferr.ProgrammingError(msg=f"Object '{name}' already exists.", errno=2002, sqlstate="42710")
    elif kind == "ROLE":
        roles[name] = role
    else:
        kept.add(name)
    return DONE


def drop_role(conn, m):
    name = stored(m[2])
    if name not in roles:
        return DONE
    if not all_roles(role_of(conn)) & {ADMIN, roles[name]}:
        raise refused("ROLE", name)
    roles.pop(name)
    members.pop(name, None)
    for has in (*members.values(), *grants.values()):
        has -= {("ROLE", name)} | {pair for pair in has if pair[1] == name and pair[0] != "USER"}
    return DONE


def known_role(name):
    if name not in roles:
        raise missing("ROLE", name)
    return name


def grant_role(conn, m):
    what, given, to, whom = m[1].upper(), known_role(stored(m[2])), m[4].upper(), stored(m[5])
    mine = all_roles(role_of(conn))
    if not may(role_of(conn), "MANAGE GRANTS", ("ACCOUNT",)) and not mine & {ADMIN, roles[given]}:
        raise refused("ROLE", given)
    if to == "ROLE":
        known_role(whom)
    elif whom not in users:
        raise missing("USER", whom)
    if what == "REVOKE":
        members.setdefault(given, set()).discard((to, whom))
    elif to == "ROLE" and whom in all_roles(given):
        raise wrong("cannot grant a role to a role that it has")
    else:
        members.setdefault(given, set()).add((to, whom))
    return DONE


def thing_named(conn, kind, place):
    parts = () if kind == "ACCOUNT" else parts_of(place or "")
    if kind != "ACCOUNT" and not exists(conn, kind, parts):
        raise missing(kind, ".".join(parts))
    return parts


def grant(conn, m):
    what, privileges, kind = m[1].upper(), [" ".join(p.upper().split()) for p in m[2].split(",")], m[3].upper()
    parts, role, end = thing_named(conn, kind, m[4]), known_role(stored(m[6])), (m[7] or "").upper()
    grants_on(role_of(conn), kind, parts)
    key = (kind, *parts)
    held = grants.setdefault(key, set())
    if privileges == ["OWNERSHIP"] and what == "GRANT":
        if held and not end:
            raise sferr.ProgrammingError(msg="SQL execution error: Dependent grant of privilege exists. It must be revoked first.", errno=3036, sqlstate="42501")
        if end.startswith("REVOKE"):
            held.clear()
        owners[key] = role
        return DONE
    if odd := set(privileges) - PRIVILEGES[kind]:
        raise wrong(f"syntax error: unexpected privilege '{sorted(odd)[0]}' on {kind}")
    if kind == "STAGE" and what == "GRANT" and "WRITE" in privileges and "READ" not in privileges and ("READ", role) not in held:
        raise wrong("READ privilege must be granted before WRITE on an internal stage")
    for privilege in privileges:
        held.add((privilege, role)) if what == "GRANT" else held.discard((privilege, role))
    return DONE


def rows_of(key):
    kind, name = key[0], ".".join(key[1:])
    rows = [["", p, kind, name, "ROLE", r, "false", ""] for p, r in sorted(grants.get(key, ()))]
    return rows if kind == "ACCOUNT" else [["", "OWNERSHIP", kind, name, "ROLE", owners.get(key, ADMIN), "true", ""], *rows]


def show_grants_on(conn, m):
    kind = m[1].upper()
    parts = thing_named(conn, kind, m[2])
    if not sees(role_of(conn), (kind, *parts)) and not may(role_of(conn), "MANAGE GRANTS", ("ACCOUNT",)):
        raise missing(kind, ".".join(parts))
    return GRANTS, rows_of((kind, *parts))


def show_grants_to(_, m):
    role = known_role(stored(m[1]))
    rows = [row for key in {*grants, *owners} for row in rows_of(key) if row[5] == role]
    rows += [["", "USAGE", "ROLE", r, "ROLE", role, "false", ""] for r, has in members.items() if ("ROLE", role) in has]
    return GRANTS, rows


def show_grants_of(_, m):
    role = known_role(stored(m[1]))
    return ["created_on", "role", "granted_to", "grantee_name", "granted_by"], [["", role, to, who, ""] for to, who in sorted(members.get(role, ()))]


def show(_, m):
    kind, pattern = m[1].upper(), m[2]
    found = sorted({"ROLES": roles, "USERS": users, "WAREHOUSES": warehouses}[kind])
    if pattern is not None:
        like = re.escape(pattern.replace("''", "'")).replace("%", ".*").replace("_", ".")
        found = [name for name in found if re.fullmatch(like, name, re.I)]
    return ["created_on", "name", "owner"], [["", name, roles.get(name, ADMIN)] for name in found]


def current_role(conn, m):
    return [m[1].strip('"')], [[role_of(conn)]]


STATEMENTS = [
    (rf"CREATE\s+(ROLE|USER|WAREHOUSE)\s+(IF\s+NOT\s+EXISTS\s+)?({NAME}).*", create),
    (rf"DROP\s+ROLE\s+(IF\s+EXISTS\s+)?({NAME})", drop_role),
    (rf"(GRANT|REVOKE)\s+ROLE\s+({NAME})\s+(TO|FROM)\s+(ROLE|USER)\s+({NAME})", grant_role),
    (rf"(GRANT|REVOKE)\s+([\w\s,]+?)\s+ON\s+(ACCOUNT|DATABASE|SCHEMA|TABLE|STAGE|WAREHOUSE)(?:\s+({PLACE}))?\s+(TO|FROM)\s+ROLE\s+({NAME})(?:\s+((?:COPY|REVOKE)\s+CURRENT\s+GRANTS))?", grant),
    (rf"SHOW\s+GRANTS\s+ON\s+(ACCOUNT|DATABASE|SCHEMA|TABLE|STAGE|WAREHOUSE)(?:\s+({PLACE}))?", show_grants_on),
    (rf"SHOW\s+GRANTS\s+TO\s+ROLE\s+({NAME})", show_grants_to),
    (rf"SHOW\s+GRANTS\s+OF\s+ROLE\s+({NAME})", show_grants_of),
    (r"SHOW\s+(ROLES|USERS|WAREHOUSES)(?:\s+LIKE\s+'((?:[^']|'')*)')?", show),
    (rf"SELECT\s+CURRENT_ROLE\(\)\s+AS\s+({NAME})", current_role),
]
STATEMENTS = [(re.compile(pattern, re.I | re.S), act) for pattern, act in STATEMENTS]


def statement(conn, command):
    """Does a statement about roles and rights; None: it is about something else. Else a query that selects the answer."""
    text = re.sub(r"^\s*(/\*.*?\*/\s*)*|\s*;?\s*$", "", command, flags=re.S)
    for pattern, act in STATEMENTS:
        if m := pattern.fullmatch(text):
            columns, rows = act(conn, m)
            names = ", ".join('"' + c + '"' for c in columns)
            values = ", ".join("(" + ", ".join("'" + v.replace("'", "''") + "'" for v in row) + ")" for row in rows or [[""] * len(columns)])
            return f"SELECT {names} FROM (VALUES {values}) AS t({names})" + ("" if rows else " WHERE FALSE")
    return None


def login(user, role, warehouse):
    """What refuses a login; None: nothing does."""
    if role and role != ADMIN and ("USER", user) not in members.get(role, ()):
        return f"Role '{role}' specified in the connect string is not granted to this user. Contact your local system administrator, or attempt to login with another role, e.g. PUBLIC."
    return None
