import { mkdirSync, mkdtempSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { freePort, loopback } from '../../../workers/embedded/free-port';
import { retryPortClash, startServer } from '../../../workers/embedded/start-server';
import { installedByRequirements, sharedModules } from '../installed';

/** A stand-in that runs. */
export interface BigQueryStandin {
  readonly endpoint: string;
  /** The folder that is Cloud Storage to it: a folder for each bucket. */
  readonly gcsRoot: string;
  readonly logFile: string;
  stop(): Promise<void>;
}

/** Starts BigQuery's stand-in on a free port and waits until it answers. Its log is kept when tests have failed, as a path told. */
export async function startBigQueryStandin(): Promise<BigQueryStandin> {
  const command = await installedByRequirements('bigquery-standin', join(__dirname, 'requirements.txt'));
  const folder = mkdtempSync(join(tmpdir(), 'loadline-bigquery-'));
  const gcsRoot = join(folder, 'gcs');
  mkdirSync(gcsRoot);
  const logFile = join(folder, 'standin.log');
  return retryPortClash(false, async () => {
    const port = await freePort();
    const endpoint = `http://${loopback}:${port}`;
    const server = await startServer({
      name: 'The stand-in for BigQuery',
      command,
      args: ['-m', 'standin', '--port', String(port), '--gcs-root', gcsRoot],
      env: { ...process.env, PYTHONPATH: [__dirname, sharedModules].join(delimiter), PYTHONDONTWRITEBYTECODE: '1' },
      logFile,
      stopSignal: 'SIGTERM',
      graceMs: 5_000,
      timeoutMs: 60_000,
      ready: () => answers(endpoint),
    });
    const stop = async (): Promise<void> => {
      await server.stop();
      if (process.env['LOADLINE_KEEP_LOGS']) process.stderr.write(`Log of the stand-in for BigQuery: ${logFile}\n`);
      else await rm(folder, { recursive: true, force: true });
    };
    return { endpoint, gcsRoot, logFile, stop };
  });
}

const answers = (endpoint: string): Promise<boolean> =>
  fetch(`${endpoint}/standin/jobs`).then(
    (response) => response.ok,
    () => false,
  );
