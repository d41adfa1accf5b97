import { z } from 'zod';
import type { Finding, Findings } from './findings';

const finding = z.looseObject({
  id: z
    .string()
    .describe(
      'What was looked at: a check such as amount.range, or an error code. The same in each run, and unique in one and its file.',
    ),
  level: z
    .enum(['error', 'warning', 'notice'])
    .describe('How much it matters. A notice is something that could not be looked at.'),
  title: z.string().describe('In a few words.'),
  message: z.string().describe('In one or two sentences. Never the value of a row.'),
  file: z.string().exactOptional().describe('Where it can be put right: a path relative to the working directory.'),
  line: z.int().min(1).exactOptional().describe('Counted from 1.'),
  column: z.int().min(1).exactOptional().describe('Counted from 1.'),
  fingerprint: z
    .string()
    .regex(/^[0-9a-f]{32}$/)
    .describe('The same for the same finding, however many rows it is about and wherever its line has moved.'),
  facts: z
    .record(z.string(), z.union([z.string(), z.number(), z.boolean()]))
    .exactOptional()
    .describe(
      'What a program may want to know besides: kind (of a check, or the error code), and of check column, severity, broken and of.',
    ),
}) satisfies z.ZodType<Finding>;

const findings = z.looseObject({
  version: z.literal(1),
  tool: z.string().describe('What looked: loadline check, replay, history, deploy, rollback, schedules or ci.'),
  toolVersion: z.string(),
  subject: z.string().describe('What was looked at: such as the name of a contract, of a task queue or of a build.'),
  file: z
    .string()
    .exactOptional()
    .describe(
      'Where findings without a file are shown, if a reader wants one: a path relative to the working directory.',
    ),
  verdict: z
    .enum(['pass', 'warn', 'fail'])
    .describe('fail if there is an error, warn if there is a warning, otherwise pass.'),
  at: z.iso.datetime().describe('When, in UTC.'),
  counts: z
    .record(z.string(), z.number())
    .describe('What was looked at, in numbers: such as rows and files, or histories.'),
  findings: z.array(finding),
  passed: z.array(z.looseObject({ id: z.string(), title: z.string() })).describe('What is as it should be.'),
}) satisfies z.ZodType<Findings>;

/** The text of `findings.schema.json`. Further fields are allowed: they may come without a new version. */
export function findingsSchemaText(): string {
  const schema = z.toJSONSchema(findings) as Record<string, unknown>;
  const whole = {
    $schema: schema['$schema'],
    $id: 'https://unpkg.com/loadline/findings.schema.json',
    title: 'Loadline findings',
    description: 'What a gate has found: findings.json, of which every report is made.',
    ...schema,
  };
  return `${JSON.stringify(whole, null, 2)}\n`;
}
