import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { findingsSchemaText } from '../../../cli/reports/findings-schema';
import { findingsOf, type Findings } from '../../../cli/reports/findings';

const written = readFileSync(join(__dirname, '../../../findings.schema.json'), 'utf8');
const schema = z.fromJSONSchema(JSON.parse(written) as Parameters<typeof z.fromJSONSchema>[0]);
const findings = findingsOf({
  tool: 'loadline check',
  toolVersion: '1.2.3',
  subject: 'payments',
  at: '2026-11-22T06:00:00.000Z',
  counts: { rows: 5, files: 1 },
  passed: [{ id: 'id.type', title: 'integer' }],
  findings: [
    { id: 'amount.range', level: 'error', title: 't', message: 'm', file: 'p.yml', line: 5, column: 36, facts: { of: 5 } },
    { id: 'checks.known', level: 'notice', title: 't', message: 'm' },
  ],
}); // prettier-ignore

test('findings.schema.json is what the schema of findings says; else run `npm run schema`', () => {
  expect(JSON.parse(written)).toEqual(JSON.parse(findingsSchemaText()));
});

test('findings are valid by the schema, and so are those with fields of a later release', () => {
  expect(schema.safeParse(findings).error).toBeUndefined();
  expect(schema.safeParse({ ...findings, later: true }).success).toBe(true);
});

test.each<[string, Partial<Record<keyof Findings, unknown>>]>([
  ['another version', { version: 2 }],
  ['a verdict that is none', { verdict: 'error' }],
  ['findings without an id', { findings: [{ ...findings.findings[0], id: undefined }] }],
  ['a line that is no number', { findings: [{ ...findings.findings[0], line: '5' }] }],
  ['no time', { at: 'today' }],
])('%s is not valid', (_, change) => {
  expect(schema.safeParse(JSON.parse(JSON.stringify({ ...findings, ...change }))).success).toBe(false);
});
