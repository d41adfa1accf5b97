// Unit tests run alone; the other projects share one Temporal and one PostgreSQL, started by the first that needs them.
const common = (displayName) => ({
  displayName,
  rootDir: __dirname,
  roots: [`<rootDir>/test/${displayName}`],
  testMatch: ['**/*.test.ts'],
  testEnvironment: 'node',
  transform: { '^.+\\.ts$': ['@swc/jest', { jsc: { parser: { syntax: 'typescript' }, target: 'es2022' } }] },
  // Built copies of the sources must not be found in their stead.
  modulePathIgnorePatterns: ['<rootDir>/dist/'],
});

const withServices = (displayName, more = {}) => ({
  ...common(displayName),
  globalSetup: '<rootDir>/test/services/global-setup.ts',
  globalTeardown: '<rootDir>/test/services/global-teardown.ts',
  setupFilesAfterEnv: ['<rootDir>/test/services/drop-databases.ts'],
  ...more,
});

// Integration suites that take long, or start processes of their own: they are part of the slow tests.
const slow = ['cli', 'embedded', 'faults', 'bad-days', 'quarantine', 'provision'].map((name) => ({
  name,
  folder: `/test/integration/${name}/`,
}));

// Jest refuses a root that does not exist.
const existing = (project) => require('node:fs').existsSync(project.roots[0].replace('<rootDir>', __dirname));

/** @type {import('jest').Config} */
module.exports = {
  maxWorkers: 2,
  testSequencer: '<rootDir>/test/services/longest-first.cjs',
  // Only what hangs is to end: suites start servers and processes, and two run at once.
  testTimeout: 180_000,
  projects: [
    common('unit'),
    withServices('integration', { testPathIgnorePatterns: ['/node_modules/', ...slow.map(({ folder }) => folder)] }),
    withServices('replay'),
    // From here on slow.
    {
      ...common('bigquery'),
      roots: ['<rootDir>/test/warehouses/bigquery/'],
      // Google's client imports modules that Jest runs as scripts only.
      transform: { '\\.[jt]s$': ['@swc/jest', { jsc: { target: 'es2022' }, module: { type: 'commonjs' } }] },
      transformIgnorePatterns: [
        '/node_modules/(?!(?:.+/node_modules/)?(?:teeny-request|gaxios|node-fetch|fetch-blob|data-uri-to-buffer|formdata-polyfill)/)',
      ],
      globalSetup: '<rootDir>/test/services/bigquery/global-setup.ts',
      globalTeardown: '<rootDir>/test/services/bigquery/global-teardown.ts',
    },
    ...slow.map(({ name, folder }) => withServices(name, { roots: [`<rootDir>${folder}`] })),
    // Against a stand-in of the warehouse; nothing there needs PostgreSQL or Temporal.
    {
      ...common('snowflake'),
      roots: ['<rootDir>/test/warehouses/snowflake/'],
      globalSetup: '<rootDir>/test/services/snowflake/global-setup.ts',
      globalTeardown: '<rootDir>/test/services/snowflake/global-teardown.ts',
    },
    withServices('failpoints'),
    withServices('conformance', {
      roots: ['<rootDir>/test/warehouses'],
      testMatch: ['<rootDir>/test/warehouses/*.test.ts'],
    }),
    withServices('gate'),
    withServices('crash'),
    withServices('stores', { globalSetup: '<rootDir>/test/services/stores/global-setup.ts' }),
    withServices('package'),
  ].filter(existing),
};
