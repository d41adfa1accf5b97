import { loadFailure } from '../../workflows/load-error';
import { lastLines, runProgram } from './run-program';

/** The account that PostgreSQL runs as, if it is not this process's own. */
export interface PostgresAccount {
  readonly uid: number;
  readonly gid: number;
}

const accountName = 'postgres';

/** PostgreSQL refuses to run as root: for root this is the account `postgres`, made if missing. Else undefined. */
export async function postgresAccount(): Promise<PostgresAccount | undefined> {
  if (process.getuid?.() !== 0) return undefined;
  return (await findAccount()) ?? (await makeAccount());
}

async function findAccount(): Promise<PostgresAccount | undefined> {
  const [uid, gid] = [await runProgram('id', ['-u', accountName]), await runProgram('id', ['-g', accountName])];
  return uid.ok && gid.ok ? { uid: Number(uid.stdout), gid: Number(gid.stdout) } : undefined;
}

async function makeAccount(): Promise<PostgresAccount> {
  const options = ['--system', '--user-group', '--no-create-home', '--shell', '/bin/false'];
  const made = await runProgram('useradd', [...options, accountName]);
  const account = await findAccount();
  if (account) return account;
  throw loadFailure('ToolUnavailable', {
    what: 'PostgreSQL refuses to run as root, and no account for it could be made.',
    object: accountName,
    got: lastLines(made.stderr, 2),
    remedy: 'Run as another user, or make a user `postgres`, or set DATABASE_URL to a server that already runs.',
  });
}
