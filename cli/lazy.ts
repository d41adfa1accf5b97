/**
 * Everything that takes time to import, so that `loadline explain` and `--help` answer at once.
 *
 * @module
 */
/* eslint-disable @typescript-eslint/no-require-imports -- a synchronous import at the time of use is the point */

/** Reading the configuration: a TypeScript loader and schemas. */
export const lazyConfig = (): typeof import('../workers/config') =>
  require('../workers/config') as typeof import('../workers/config');

/** The client: gRPC. */
export const lazyClient = (): typeof import('../client') => require('../client') as typeof import('../client');

/** Warehouses: the database driver. */
export const lazyDeps = (): typeof import('../workers/open-deps') =>
  require('../workers/open-deps') as typeof import('../workers/open-deps');

/** Stores of objects: their clients. */
export const lazyStores = (): typeof import('../workers/open-store') =>
  require('../workers/open-store') as typeof import('../workers/open-store');

/** Recording a load that was done by hand: hashing of files, the database driver. */
export const lazyAdopt = (): typeof import('../activities/adopt-load') =>
  require('../activities/adopt-load') as typeof import('../activities/adopt-load');

/** Turning options into a request: Temporal's failure types. */
export const lazyRequest = (): typeof import('./request') => require('./request') as typeof import('./request');

/** Starting and watching a load: gRPC, tables and bars. */
export const lazyRunLoad = (): typeof import('./run-load') => require('./run-load') as typeof import('./run-load');

/** What `loads` prints: gRPC and tables. */
export const lazyLoads = (): typeof import('./loads-output') =>
  require('./loads-output') as typeof import('./loads-output');

/** What `quarantine` prints and reads: tables. */
export const lazyQuarantine = (): typeof import('./quarantine-output') & typeof import('./quarantine-lines') => ({
  ...(require('./quarantine-output') as typeof import('./quarantine-output')),
  ...(require('./quarantine-lines') as typeof import('./quarantine-lines')),
});
/** What `held` does and prints: gRPC. */
export const lazyHeld = (): typeof import('./held-output') =>
  require('./held-output') as typeof import('./held-output');

/** What `loads metrics` prints: tables. */
export const lazyMetrics = (): typeof import('./metrics-output') =>
  require('./metrics-output') as typeof import('./metrics-output');

/** The report of a load: schemas of contracts. */
export const lazyLoadReport = (): typeof import('./load-report/write-load-report') =>
  require('./load-report/write-load-report') as typeof import('./load-report/write-load-report');

/** The schedule of the sweeper: gRPC. */
export const lazySweepSchedule = (): typeof import('../client/sweep-schedule') &
  typeof import('../activities/duration') => ({
  ...(require('../client/sweep-schedule') as typeof import('../client/sweep-schedule')),
  ...(require('../activities/duration') as typeof import('../activities/duration')),
});

/** Schedules that are declared in code: gRPC, and the user's workflows. */
export const lazySchedules = (): typeof import('./schedules') => require('./schedules') as typeof import('./schedules');

/** Provisioning: the database driver. */
export const lazyProvision = (): typeof import('./provision') => require('./provision') as typeof import('./provision');

/** Looking at the surroundings. */
export const lazyDoctor = (): typeof import('./doctor') => require('./doctor') as typeof import('./doctor');

/** Developing: servers, and a worker that is started again. */
export const lazyDev = (): typeof import('./dev') => require('./dev') as typeof import('./dev');

/** Serving: a worker. */
export const lazyServe = (): typeof import('./serve') => require('./serve') as typeof import('./serve');

/** Looking at a sample: DuckDB. */
export const lazyProfile = (): typeof import('../activities/profile') & typeof import('./profile-text') => ({
  ...(require('../activities/profile') as typeof import('../activities/profile')),
  ...(require('./profile-text') as typeof import('./profile-text')),
});

/** Making a project: DuckDB. */
export const lazyInit = (): typeof import('./init/init-project') =>
  require('./init/init-project') as typeof import('./init/init-project');

/** Checking files against a contract: DuckDB. */
export const lazyCheck = (): typeof import('./check-contract') =>
  require('./check-contract') as typeof import('./check-contract');

/** Replaying histories: Temporal's worker and its bundler. */
export const lazyReplay = (): typeof import('./replay') => require('./replay') as typeof import('./replay');
/** Recording histories and checking them: Temporal's core, a bundler. */
export const lazyHistory = (): typeof import('./history-record') & typeof import('./history-check') => ({
  ...(require('./history-record') as typeof import('./history-record')),
  ...(require('./history-check') as typeof import('./history-check')),
});
/** Replaying in silence: Temporal's worker. */
export const lazyQuietRuntime = (): typeof import('./replay/quiet-runtime') =>
  require('./replay/quiet-runtime') as typeof import('./replay/quiet-runtime');
/** Bringing in a build: gRPC. */
export const lazyDeploy = (): typeof import('./deploy-build') =>
  require('./deploy-build') as typeof import('./deploy-build');
/** The templates of CI: YAML. */
export const lazyCi = (): typeof import('./ci') => require('./ci') as typeof import('./ci');
