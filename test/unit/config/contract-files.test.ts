import { loadConfig } from '../../../workers/config';
import { configText, failureOf, project, removeProjects } from './project';

afterEach(removeProjects);

const config = (contracts: string): string => configText().replace('contracts: []', `contracts: ${contracts}`);
const load = async (files: Record<string, string>) => (await loadConfig({ cwd: project(files) })).contracts;

const yaml = `
name: payments
table: main/public.payments
columns:
  id: { type: integer, notNull: true, unique: true }
  amount: { type: "decimal(12,2)", range: { min: 0 }, severity: fail }
key: [id]
`;
const typescript = `
import { defineContract } from 'loadline';
export const payments = defineContract({
  name: 'payments',
  table: 'main/public.payments',
  columns: {
    id: { type: 'integer', notNull: true, unique: true },
    amount: { type: 'decimal(12,2)', range: { min: 0 }, severity: 'fail' },
  },
  key: ['id'],
});
export const helper = 7;`;

test('a contract in YAML equals the one in TypeScript, key for key', async () => {
  const fromYaml = await load({ 'loadline.config.ts': config("['./contracts/*.yml']"), 'contracts/p.yml': yaml });
  const fromCode = await load({ 'loadline.config.ts': config("['./contracts/*.ts']"), 'contracts/p.ts': typescript });
  expect(fromYaml.get('payments')).toEqual(fromCode.get('payments'));
  expect(fromYaml.get('payments')?.key).toEqual(['id']);
});

test('the flow form of YAML is read too', async () => {
  const text = '{name: payments, table: main/public.payments, columns: {id: {type: integer, notNull: true, unique: true}, amount: {type: "decimal(12,2)", range: {min: 0}, severity: fail}}, key: [id]}'; // prettier-ignore
  const contracts = await load({ 'loadline.config.ts': config("['./p.yaml']"), 'p.yaml': text });
  expect(contracts.get('payments')?.columns['amount']).toEqual({
    type: 'decimal(12,2)',
    range: { min: 0 },
    severity: 'fail',
  });
});

test('one file may hold several contracts, and a default export is one', async () => {
  const two = `${yaml}\n---\n${yaml.replaceAll('payments', 'refunds')}`;
  const code = `export default { name: 'a', table: 'main/a', columns: { id: { type: 'text' } } };`;
  const contracts = await load({
    'loadline.config.ts': config("['./two.yml', './a.js']"),
    'two.yml': two,
    'a.js': code,
  });
  expect([...contracts.keys()]).toEqual(['payments', 'refunds', 'a']);
});

test('two contracts of one name are refused, and both places are named', async () => {
  const files = { 'loadline.config.ts': config("['./*.yml']"), 'a.yml': yaml, 'b.yml': yaml };
  const failure = await failureOf(() => load(files));
  expect(failure.type).toBe('InvalidContract');
  expect(failure.message).toMatch(/b\.yml.*"payments", as in .*a\.yml/);
});

test.each([
  ['a wrong type', yaml.replace('integer', 'int'), /p\.yml:5:15 columns\.id\.type.*"int"\. Write "integer"/],
  ['a mistyped field', yaml.replace('notNull', 'notnull'), /p\.yml:5:24 columns\.id\.notnull.*Did you mean "notNull"/],
  ['text that is no YAML', yaml.replace('key: [id]', 'key: [id'), /p\.yml:\d+:\d+.*valid YAML/],
  [
    'a missing field',
    yaml.replace('table: main/public.payments', ''),
    /p\.yml:2:1 table.*warehouse\/schema\.table, got nothing/,
  ],
  ['a warehouse that is not configured', yaml.replace('main/', 'mian/'), /p\.yml:3:8 table.*Did you mean "main"/],
  ['a type that YAML splits at the comma', yaml.replace('"decimal(12,2)"', 'decimal(12,2)'), /Quote/],
  [
    'a colon without a space',
    '{name: a, table: main/a, columns: {id: {type:"text"}}}',
    /Put a space after the colon: "type: …"/,
  ],
  ['an empty file', '# nothing yet\n', /p\.yml.*an empty file/],
])('%s in YAML is told with file, line and column', async (_title, text, message) => {
  const failure = await failureOf(() => load({ 'loadline.config.ts': config("['./p.yml']"), 'p.yml': text }));
  expect(failure.type).toBe('InvalidContract');
  expect(failure.message).toMatch(message);
});

test('a module without a contract is refused', async () => {
  const failure = await failureOf(() =>
    load({ 'loadline.config.ts': config("['./c.ts']"), 'c.ts': 'export const a = 1;' }),
  );
  expect(failure.message).toMatch(/c\.ts.*defineContract/);
});
