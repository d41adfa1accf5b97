"""Access lists of datasets as BigQuery keeps them: the defaults of a new one, the old names of three roles, one member an entry, and an
etag that a change may be bound to. Nobody is refused by them: requests here have no name."""

import json
import re

OLD = {'roles/bigquery.dataViewer': 'READER', 'roles/bigquery.dataEditor': 'WRITER', 'roles/bigquery.dataOwner': 'OWNER'}
MEMBERS = ('userByEmail', 'groupByEmail', 'domain', 'specialGroup', 'iamMember')
LET_IN = ('view', 'routine', 'dataset')
GROUPS = ('projectOwners', 'projectReaders', 'projectWriters', 'allAuthenticatedUsers')
DEFAULT = [
    {'role': 'WRITER', 'specialGroup': 'projectWriters'},
    {'role': 'OWNER', 'specialGroup': 'projectOwners'},
    {'role': 'OWNER', 'userByEmail': 'admin@example.com'},
    {'role': 'READER', 'specialGroup': 'projectReaders'},
]


def wrong(entry):
    """What is wrong with an entry; None: nothing."""
    named = [field for field in (*MEMBERS, *LET_IN) if field in entry]
    if len(named) != 1:
        return 'An access entry must have exactly one member'
    field, value = named[0], entry[named[0]]
    if field in LET_IN:
        return None
    if not re.fullmatch(r'READER|WRITER|OWNER|roles/[\w.]+|projects/[^/]+/roles/\w+', entry.get('role', '')):
        return f"Invalid role {entry.get('role')}"
    if re.fullmatch(r'roles/bigquery\.(jobUser|user|admin)', entry['role']):
        return f"Role {entry['role']} is not supported for this resource."
    if field.endswith('Email') and not re.fullmatch(r'[^@\s:]+@[^@\s]+\.[^@\s]+', value):
        return f'IAM setPolicy failed for Dataset: {value} is not a valid email'
    if field == 'specialGroup' and value not in GROUPS:
        return f'Invalid special group {value}'
    return None


def checked(method, body):
    """A request's body as the emulator keeps it, or what refuses it."""
    found = json.loads(body or b'{}')
    if 'access' not in found:
        return (json.dumps({**found, 'access': DEFAULT}).encode() if method == 'POST' else body), None
    if not any(entry.get('role') in ('OWNER', 'roles/bigquery.dataOwner') for entry in found['access']):
        return body, 'The policy must contain at least one owner'
    kept = {}
    for entry in found['access']:
        if trouble := wrong(entry):
            return body, trouble
        entry = {**entry, **({'role': OLD.get(entry['role'], entry['role'])} if 'role' in entry else {})}
        kept[json.dumps(entry, sort_keys=True)] = entry
    return json.dumps({**found, 'access': list(kept.values())}).encode(), None
