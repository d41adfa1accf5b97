import { readFileSync } from 'node:fs';
import path from 'node:path';
import { contractSchemaText } from '../../../activities/contracts/contract-schema';

test('contract.schema.json is what the contract schema says; else run `node scripts/write-schema.mjs`', () => {
  const written = readFileSync(path.join(__dirname, '..', '..', '..', 'contract.schema.json'), 'utf8');
  expect(JSON.parse(written)).toEqual(JSON.parse(contractSchemaText()));
});
