import js from '@eslint/js';
import tseslint from 'typescript-eslint';

const onlyInto = (...folders) => ({
  'no-restricted-imports': [
    'error',
    {
      patterns: folders.map((folder) => ({
        group: [`**/${folder}/**`],
        message: 'Imports go one way: cli → client → workers → activities → workflows.',
      })),
    },
  ],
});

export default tseslint.config(
  { ignores: ['dist/', 'node_modules/', 'coverage/', '**/.loadline/', 'bench/.data/', 'test/histories/', '**/*.d.ts'] },
  js.configs.recommended,
  ...tseslint.configs.recommended,
  { rules: { '@typescript-eslint/no-unused-vars': ['error', { varsIgnorePattern: '^_', argsIgnorePattern: '^_' }] } },
  {
    files: ['{workflows,activities,workers,client,testing,cli}/**/*.ts'],
    languageOptions: { parserOptions: { projectService: true } },
    rules: {
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': 'error',
      '@typescript-eslint/consistent-type-imports': ['error', { disallowTypeAnnotations: false }],
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      eqeqeq: 'error',
      'no-console': 'error',
    },
  },
  {
    files: ['workflows/**/*.ts'],
    rules: {
      ...onlyInto('activities', 'workers', 'client', 'testing', 'cli'),
      // The sandbox replaces clocks and random numbers, not these: they change with Node's data.
      'no-restricted-globals': ['error', { name: 'Intl', message: 'Time zones and locales belong in an activity.' }],
      'no-restricted-properties': [
        'error',
        ...[
          'toLocaleString',
          'toLocaleDateString',
          'toLocaleTimeString',
          'localeCompare',
          'toLocaleUpperCase',
          'toLocaleLowerCase',
          'normalize',
        ].map((property) => ({ property, message: 'Locale calls belong in an activity.' })),
      ],
    },
  },
  { files: ['activities/**/*.ts'], rules: onlyInto('workers', 'client', 'testing', 'cli') },
  { files: ['workers/**/*.ts'], rules: onlyInto('client', 'testing', 'cli') },
  { files: ['client/**/*.ts'], rules: onlyInto('testing', 'cli') },
  {
    files: ['**/*.{mjs,cjs,js}'],
    languageOptions: {
      globals: {
        process: 'readonly',
        console: 'readonly',
        URL: 'readonly',
        require: 'readonly',
        module: 'writable',
        __dirname: 'readonly',
        fetch: 'readonly',
        setTimeout: 'readonly',
        setInterval: 'readonly',
        clearInterval: 'readonly',
        clearTimeout: 'readonly',
        Buffer: 'readonly',
      },
    },
    rules: { '@typescript-eslint/no-require-imports': 'off' },
  },
);
