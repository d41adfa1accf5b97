// Writes contract.schema.json, which completes contracts in YAML in an editor, from the schema that checks them, and
// findings.schema.json, which tells programs what findings.json holds.
import { writeFileSync } from 'node:fs';
import { createJiti } from 'jiti';

const jiti = createJiti(import.meta.url);
const { contractSchemaText } = await jiti.import('../activities/contracts/contract-schema.ts');
const { findingsSchemaText } = await jiti.import('../cli/reports/findings-schema.ts');
writeFileSync(new URL('../contract.schema.json', import.meta.url), contractSchemaText());
writeFileSync(new URL('../findings.schema.json', import.meta.url), findingsSchemaText());
