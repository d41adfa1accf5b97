import { parseYamlContracts, validateContract } from '../../../activities/contracts';
import { loadConfig } from '../../../workers/config';
import { configText, failureOf, project, removeProjects } from './project';

// Each message is read by somebody who does not know the code: where, what was expected, what was there, what to write.

afterEach(removeProjects);

const head = 'name: bad\ntable: main/public.bad\n';
const column = (says: string): string => `${head}columns:\n  a: ${says}\n`;
const table = (more: string): string => `${head}columns:\n  id: { type: integer }\n  at: { type: date }\n${more}\n`;

const refused = (content: string | Uint8Array): string => {
  try {
    for (const { value, place } of parseYamlContracts(content, 'p.yml')) validateContract(value, place);
  } catch (error) {
    return (error as Error).message;
  }
  return 'accepted';
};

test.each<[string, string | Uint8Array, RegExp]>([
  ['an unknown field', table('kye: [id]'), /p\.yml:6:1 kye\].*got "kye"\. Did you mean "key"\?/],
  ['an unknown field of a check', table('checks: [{ name: c, sqll: x }]'), /:6:21 checks\[0\]\.sqll\].*Did you mean "sql"\?/],
  ['a type that is none', column('{ type: integre }'), /:4:14 .*Did you mean "integer"\?/],
  ['a word of another severity', column('{ type: integer, severity: error }'), /:4:33 .*Expected warn, quarantine or fail, got "error"\. Write "fail"\./],
  ['a mistyped severity', column('{ type: integer, severity: quarantin }'), /Did you mean "quarantine"\?/],
  ['true as a text', column("{ type: integer, notNull: 'yes' }"), /:4:32 .*got "yes"\. Write true, without quotes\./],
  ['a count as a text', column("{ type: integer, notNull: true, severity: warn, failAbove: '1' }"), /:4:65 .*got "1"\. Write "1%"/],
  ['a lookahead', column("{ type: text, pattern: 'a(?=b)' }"), /:4:29 .*got the lookahead/],
  ['a length of a number', column('{ type: integer, length: { max: 3 } }'), /:4:23 .*Remove it/],
  ['bounds the wrong way round', column('{ type: integer, range: { min: 9, max: 1 } }'), /:4:30 .*got 9 to 1\. Swap the bounds/],
  ['one accepted value that is no list', column('{ type: text, accepted: open }'), /:4:30 .*Write a list: \[open\]/],
  ['a column that is a type alone', column('integer'), /:4:6 columns\.a\].*Write \{ type: integer \}\./],
  ['a column of no name', column('{ type: text }').replace('a:', "'':"), /:4:3 .*Expected the name of a column, got ""/],
  ['a key of an unknown column', table('key: [idd]'), /:6:7 key\[0\]\].*Did you mean "id"\?/],
  ['a key that is no list', table('key: id'), /:6:6 key\].*Write a list: \[id\]/],
  ['a newest of an unknown column', table('newest: updated'), /:6:9 newest\].*Choose one of: id, at/],
  ['freshness of an unknown column', table('checks: [{ name: f, freshness: { column: att, within: 2 days } }]'), /:6:42 .*Did you mean "at"\?/],
  ['a duration in words', table('checks: [{ name: f, freshness: { column: at, within: two days } }]'), /:6:54 .*such as 2 days or 6h, got "two days"/],
  ['a sum of an unknown column', table('checks: [{ name: s, sum: { column: idd, min: 0 } }]'), /:6:36 .*Did you mean "id"\?/],
  ['references of an unknown column', table('checks: [{ name: r, references: { columns: [idx], table: main/o } }]'), /:6:45 .*Did you mean "id"\?/],
  ['two checks of one name', table('checks: [{ name: c, sql: id > 0 }, { name: c, sql: id > 1 }]'), /:6:44 checks\[1\]\.name\].*got "c" again/],
  ['checks that are no list', table('checks: { c: { sql: id > 0 } }'), /:6:9 checks\].*Begin each entry with a dash/],
  ['a change that is no share', table('rows: { change: 50 }'), /:6:17 rows\.change\].*Write "50%"\./],
  ['no table', 'name: bad\ncolumns: { id: { type: text } }\n', /p\.yml:1:1 table\].*got nothing\. Add "table"\./],
  ['a bracket that is not closed', table('key: [id'), /p\.yml:\d+:\d+\].*valid YAML/],
  ['a column twice', table('').replace('at:', 'id:'), /:5:3\].*Map keys must be unique\. Remove one of the two/],
  ['a tab', table('').replace('  id', '\tid'), /:4:1\].*Tabs .*Indent with spaces\./],
  ['an alias of nothing', column('*missing'), /:4:6\].*Write the part out/],
  ['a bomb of aliases', bomb(), /p\.yml\].*Excessive alias count/],
  ['a merge key', `${head}columns:\n  a: &a { type: text }\n  b: { <<: *a }\n`, /:5:8 columns\.b\.<<\].*Write the fields out/],
  ['an empty file', '# nothing yet\n', /p\.yml\].*got an empty file.*loadline profile/],
  ['a text alone', 'hello\n', /p\.yml:1:1\].*got "hello"/],
  ['text that is not UTF-8', Buffer.from(`${head}owner: M\u00fcller\n`, 'latin1'), /p\.yml:3\].*Save the file as UTF-8/],
  ['a number beyond doubles', column('{ type: double, range: { max: 1e400 } }'), /:4:36\].*got 1e400\. Quote it: "1e400"/],
  ['a number that loses digits', column('{ type: bigint, range: { max: 9223372036854775807 } }'), /:4:36\].*Quote it: "9223372036854775807"/],
  ['a number with a leading zero', column('{ type: text, accepted: [0123] }'), /:4:31\].*Quote it: "0123"/],
  ['a number as a text', column('{ type: text, accepted: [1.50] }'), /:4:31 .*got 1\.50\. Quote it: "1\.50"/],
])('%s is refused with its line and what to write', (_, content, message) => {
  expect(refused(content)).toMatch(message);
}); // prettier-ignore

function bomb(): string {
  const letters = [...'abcdefghij'];
  const lines = letters.map((letter, i) => `${letter}: &${letter} [${Array(9).fill(i === 0 ? 'x' : `*${letters[i - 1]}`)}]`); // prettier-ignore
  return lines.join('\n');
}

test.each(['1', '-0.5', '1.50', '100', '1e3', '0', '0.0', '0.1', '9007199254740991', '1.5e-7', '+3', '.5', '0x10'])(
  'the number %s is kept as it is',
  (number) => {
    expect(refused(column(`{ type: double, range: { max: ${number} } }`))).toBe('accepted');
  },
);

test('one part used twice by an alias is read', () => {
  expect(refused(`${head}columns:\n  a: &a { type: text }\n  b: *a\n`)).toBe('accepted');
});

const typescript = `export const orders = {
  name: 'orders',
  table: 'main/public.orders',
  columns: {
    id: { type: 'integer' as const, notnull: true },
  },
};
`;

test.each([
  ['a file of contracts', "['./contracts/*.ts']", '', /contracts\/orders\.ts:5:37 export orders columns\.id\.notnull\]/],
  ['a contract that the configuration imports', '[orders]', "import { orders } from './contracts/orders';\n", /contracts\/orders\.ts:5:37 contracts\[0\] columns\.id\.notnull\]/],
])('in TypeScript, %s is refused with its line', async (_, contracts, imports, message) => {
  const config = `${imports}${configText().replace('contracts: []', `contracts: ${contracts}`)}`;
  const cwd = project({ 'loadline.config.ts': config, 'contracts/orders.ts': typescript });
  const failure = await failureOf(() => loadConfig({ cwd }));
  expect(failure.message).toMatch(message);
  expect(failure.message).toContain('Did you mean "notNull"?');
}); // prettier-ignore
