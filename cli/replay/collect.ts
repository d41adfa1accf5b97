import { existsSync, statSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { glob } from 'tinyglobby';
import { parseDuration } from '../../activities/duration';
import { reachTemporal, temporalUnreachable, type ResolvedConfig } from '../../workers/config';
import {
  readHistory,
  recentRuns,
  sampleHistories,
  serverHistories,
  type HistorySample,
  type NamedHistory,
} from '../../workers/replay';
import { loadErrorOf, type LoadFailure } from '../../workflows/load-error';
import { UsageError } from '../usage-error';
import type { CliContext } from '../cli-context';
import type { ReplayFlags } from '../commands/replay';

/** The files that were meant: those named and those in named folders, else those of `histories/`. */
export async function historyFiles(paths: readonly string[], config: ResolvedConfig): Promise<readonly string[]> {
  const usual = path.join(config.rootDir, 'histories');
  const places = paths.length > 0 ? paths : existsSync(usual) ? [path.relative(process.cwd(), usual) || '.'] : [];
  const files: string[] = [];
  for (const place of places) {
    if (!existsSync(place)) throw new UsageError(`There is no ${place}.`, 'Correct the path of the histories.');
    if (!statSync(place).isDirectory()) files.push(place);
    else {
      const found = await glob('**/*.json', { cwd: place, ignore: ['**/node_modules/**'] });
      files.push(...found.sort().map((file) => path.join(place, file)));
    }
  }
  return [...new Set(files)];
}

/** Reads files one by one; those that are no history are told. */
export async function* historiesIn(
  files: readonly string[],
  onInvalid: (file: string, failure: LoadFailure) => void,
): AsyncGenerator<NamedHistory> {
  for (const file of files) {
    const text = await readFile(file, 'utf8');
    try {
      yield { ...readHistory(text, file), file };
    } catch (error) {
      const failure = loadErrorOf(error);
      if (failure?.type !== 'InvalidHistory') throw error;
      onInvalid(file, failure);
    }
  }
}

/** The sample of a server's histories; `undefined` when no server was asked for. @throws `TemporalUnreachable` */
export async function sampleOfServer(flags: ReplayFlags, context: CliContext): Promise<HistorySample | undefined> {
  const { query, server, perShape, since } = flags;
  if (server === false && query !== undefined)
    throw new UsageError('--query and --no-server were both given.', 'Give one of them.');
  // A variable that is not set would have every run of the namespace asked for.
  if (query?.trim() === '')
    throw new UsageError('--query is empty.', 'Say such as --query "WorkflowType = \'daily\'".');
  if (query === undefined && server !== true) return undefined;
  const sinceMs = parseDuration(since);
  if (!(sinceMs > 0)) throw new UsageError(`--since ${since} is no duration.`, 'Say such as --since 7d.');
  const { taskQueue } = await context.config();
  const { connectionOptions, namespace } = await context.temporal();
  const { address } = connectionOptions;
  const connection = await reachTemporal(address, () =>
    Connection.connect({ ...connectionOptions, connectTimeout: '5s' }),
  );
  context.onClose(() => connection.close());
  const client = new Client({ connection, namespace });
  const asked = query ?? recentRuns(taskQueue, new Date(Date.now() - sinceMs));
  try {
    return await sampleHistories(begun(serverHistories(client, asked)), { perShape });
  } catch (error) {
    throw refusedQuery(error, asked) ?? temporalUnreachable(address, error);
  }
}

/** A run whose first task nobody has done yet says nothing of the code. */
async function* begun(histories: AsyncIterable<NamedHistory>): AsyncGenerator<NamedHistory> {
  for await (const named of histories)
    if ((named.history.events ?? []).some((event) => event.workflowTaskCompletedEventAttributes)) yield named;
}

/** What a server does not understand, which it says by gRPC's `INVALID_ARGUMENT`. */
export function refusedQuery(error: unknown, query: string): UsageError | undefined {
  const causes = [error, (error as { cause?: unknown }).cause] as readonly { code?: number; details?: string }[];
  const refused = causes.find((cause) => cause?.code === 3);
  return (
    refused && new UsageError(`The server refuses the query ${query}: ${refused.details ?? ''}`, 'Correct --query.')
  );
}
