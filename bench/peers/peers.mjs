// Other tools that load files into PostgreSQL, as their manuals say to do it fastest with one row per key.
import { fileURLToPath } from 'node:url';

// The package brings a program, not a command.
const sling = ['-c', 'import os, sys, sling_linux_amd64 as sling; os.execv(sling.SLING_BIN, ["sling", *sys.argv[1:]])'];
const pathOf = (relative) => fileURLToPath(new URL(relative, import.meta.url));

/**
 * Each is installed from `requirements`, and loads a file into `bench_peer.events` by one `command`: arguments of its
 * environment's Python. `probe` is one that works when it is installed; `folder` holds what it keeps between loads.
 */
export const peers = [
  {
    name: 'dlt 1.31.0',
    requirements: pathOf('dlt-requirements.txt'),
    formats: ['csv', 'parquet'],
    probe: ['-c', 'import adbc_driver_postgresql, dlt, pyarrow.csv, pyarrow.parquet'],
    command: ({ path, folder }) => [pathOf('load_by_dlt.py'), path, folder],
    environment: ({ url }) => ({ BENCH_DATABASE_URL: url, RUNTIME__DLTHUB_TELEMETRY: 'false' }),
  },
  {
    name: 'sling 1.4.11',
    requirements: pathOf('sling-requirements.txt'),
    formats: ['csv'],
    probe: [...sling, '--version'],
    command: ({ path }) => [
      ...[...sling, 'run', '--src-stream', `file://${path}`, '--src-options', '{ empty_as_null: true }'],
      ...['--tgt-conn', 'BENCH', '--tgt-object', 'bench_peer.events', '--mode', 'incremental', '--primary-key', 'id'],
    ],
    environment: ({ url, folder }) => ({
      BENCH: `${url}?sslmode=disable`,
      SLING_HOME_DIR: folder,
      SLING_DISABLE_TELEMETRY: 'true',
    }),
  },
];
