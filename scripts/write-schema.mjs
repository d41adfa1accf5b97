// Writes contract.schema.json, which completes contracts in YAML in an editor, from the schema that checks them.
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { createJiti } from 'jiti';

const { contractSchemaText } = await createJiti(import.meta.url).import('../activities/contracts/contract-schema.ts');
writeFileSync(fileURLToPath(new URL('../contract.schema.json', import.meta.url)), contractSchemaText());
