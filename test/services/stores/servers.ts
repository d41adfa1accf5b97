import { join } from 'node:path';
import { freePort, loopback } from '../../../workers/embedded/free-port';
import { startServer } from '../../../workers/embedded/start-server';
import type { SupervisedProcess } from '../../../workers/embedded/supervised-process';
import { installedByGo, installedByPip } from '../installed';

const moto = 'moto[s3,server]==5.2.5';
const fakeGcs = 'github.com/fsouza/fake-gcs-server@v1.56.1';

/** The only pair that the stand-in for S3 takes. */
export const s3Keys = { accessKeyId: 'AKIDLOADLINETEST', secretAccessKey: 'secret/of+the-tests' } as const;

/** A server and where it listens. */
export interface StoreServer {
  readonly endpoint: string;
  readonly server: SupervisedProcess;
}

/** S3: moto behind checks of signatures and hashes, in a Python environment of its own. */
export async function startS3(logFolder: string): Promise<StoreServer> {
  const python = join(await installedByPip('moto-5.2.5', [moto]), 'python');
  const program = join(__dirname, 'strict_s3.py');
  return start('S3', join(logFolder, 's3.log'), (port) => ({
    command: python,
    args: [program, `${port}`, s3Keys.accessKeyId, s3Keys.secretAccessKey],
    probe: '/',
  }));
}

/** GCS: fake-gcs-server, built by Go. */
export async function startGcs(logFolder: string): Promise<StoreServer> {
  const program = await installedByGo('fake-gcs-server', fakeGcs);
  return start('GCS', join(logFolder, 'gcs.log'), (port) => {
    const at = `${loopback}:${port}`;
    const listen = ['-scheme', 'http', '-host', loopback, '-port', `${port}`];
    return {
      command: program,
      args: [...listen, '-backend', 'memory', '-public-host', at, '-external-url', `http://${at}`],
      probe: '/storage/v1/b?project=any',
    };
  });
}

interface Program {
  readonly command: string;
  readonly args: readonly string[];
  /** A path that answers, with whatever status, once the server is up. */
  readonly probe: string;
}

async function start(name: string, logFile: string, programOf: (port: number) => Program): Promise<StoreServer> {
  const port = await freePort();
  const endpoint = `http://${loopback}:${port}`;
  const { command, args, probe } = programOf(port);
  const server = await startServer({
    name: `The stand-in for ${name}`,
    command,
    args,
    env: process.env,
    logFile,
    stopSignal: 'SIGTERM',
    graceMs: 5_000,
    timeoutMs: 60_000,
    ready: () =>
      fetch(endpoint + probe).then(
        () => true,
        () => false,
      ),
  });
  return { endpoint, server };
}
