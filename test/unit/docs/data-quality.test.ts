import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseYamlContracts, validateContract } from '../../../activities/contracts';
import { checksOf } from '../../../workflows/checks';
import { failureOf } from '../config/project';
import { root } from './examples';

const page = readFileSync(join(root, 'docs/data-quality.md'), 'utf8');
const yaml = /^```yaml\n([\s\S]*?)^```$/m.exec(page)![1]!;
const contractIn = (text: string) => {
  const [written] = parseYamlContracts(text, 'contracts/invoices.yml');
  return validateContract(written!.value, written!.place);
};

test('the contract of the page is one, and uses every kind of check', () => {
  const kinds = new Set(
    checksOf(contractIn(`${yaml}\n`.replace('iban: {', 'iban: { unique: true,'))).map((c) => c.kind),
  );
  expect([...kinds].sort()).toEqual(
    ['accepted', 'change', 'freshness', 'key', 'length', 'notNull', 'pattern', 'range', 'references', 'rows', 'sql', 'sum', 'unique'], // prettier-ignore
  );
});

test('the refusal of the page is what such a contract gets', async () => {
  const failure = await failureOf(() => contractIn(yaml.replace('failAbove: 1%', "failAbove: '1'")));
  const shown = /^```text\n([\s\S]*?)^```$/m.exec(page)![1]!;
  expect(failure.message).toBe(shown.replaceAll('\n', ' ').trim());
});
