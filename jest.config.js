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
  ...more,
  globalSetup: '<rootDir>/test/services/global-setup.ts',
  globalTeardown: '<rootDir>/test/services/global-teardown.ts',
  setupFilesAfterEnv: ['<rootDir>/test/services/drop-databases.ts'],
});

// Integration suites that take long, or start processes of their own: they are part of the slow tests.
const slow = ['cli', 'embedded', 'faults', 'bad-days', 'quarantine'].map((name) => ({
  name,
  folder: `/test/integration/${name}/`,
}));

// Jest refuses a root that does not exist.
const existing = (project) => require('node:fs').existsSync(project.roots[0].replace('<rootDir>', __dirname));

/** @type {import('jest').Config} */
module.exports = {
  maxWorkers: 2,
  testTimeout: 60_000,
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
        '/node_modules/(?!(teeny-request|gaxios|node-fetch|fetch-blob|data-uri-to-buffer|formdata-polyfill)/)',
      ],
      globalSetup: '<rootDir>/test/services/bigquery/global-setup.ts',
      globalTeardown: '<rootDir>/test/services/bigquery/global-teardown.ts',
    },
    ...slow.map(({ name, folder }) => withServices(name, { roots: [`<rootDir>${folder}`] })),
    withServices('failpoints'),
    withServices('gate'),
    withServices('crash'),
    withServices('package'),
  ].filter(existing),
};
