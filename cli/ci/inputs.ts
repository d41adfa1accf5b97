import { UsageError } from '../usage-error';
import { gateSource, type GateInput, type GateSource } from './gate-source';

/** The inputs of a job, as its variables say them. Each is checked when it is asked for. */
export interface JobInputs {
  text(name: string): string;
  list(name: string): readonly string[];
  flag(name: string): boolean;
}

/** The variable that carries an input. */
export const variableOf = (name: string): string => `LOADLINE_CI_${name.replaceAll('-', '_').toUpperCase()}`;

/** Reads inputs from variables; one that is not set has its default. @throws `UsageError`, which names the input */
export function jobInputs(env: NodeJS.ProcessEnv, source: GateSource = gateSource()): JobInputs {
  const read = (name: string): string | readonly string[] => {
    const input = source.inputs[name];
    if (!input) throw new Error(`The templates have no input ${name}.`);
    // Templates write blocks, which end with a line break.
    const written = env[variableOf(name)]?.trim();
    return written === undefined || (written === '' && input.default === '') ? defaultOf(name, input) : written;
  };
  return {
    text: (name) => checked(name, source.inputs[name]!, String(read(name))),
    list(name) {
      const value = read(name);
      return typeof value === 'string' ? listOf(name, value) : value;
    },
    flag: (name) => checked(name, source.inputs[name]!, String(read(name))) === 'true',
  };
}

function defaultOf(name: string, input: GateInput): string | readonly string[] {
  if (input.default === undefined) throw missing(name, input);
  return Array.isArray(input.default) ? input.default.map(String) : String(input.default);
}

const missing = (name: string, { description }: GateInput): UsageError =>
  new UsageError(`The input ${name} is missing (${variableOf(name)}).`, description);

const rules: Readonly<Record<GateInput['type'], RegExp>> = {
  string: /^/,
  array: /^/,
  number: /^\d+(\.\d+)?$/,
  boolean: /^(true|false)$/,
};
const kinds = { number: 'a number', boolean: 'true or false', string: 'a text', array: 'a list' } as const;

/** GitHub lets an empty value pass where one is required, and GitLab's pattern is not known there. */
function checked(name: string, input: GateInput, value: string): string {
  if (value === '' && input.default !== '') throw empty(name, input);
  if (rules[input.type].test(value) && new RegExp(input.pattern ?? '').test(value)) return value;
  const expected = input.pattern === undefined ? kinds[input.type] : `a text like ${input.pattern}`;
  throw new UsageError(`The input ${name} is ${value}.`, `Give ${expected}: ${input.description}`);
}

const empty = (name: string, { description }: GateInput): UsageError =>
  new UsageError(`The input ${name} is empty (${variableOf(name)}).`, description);

/** A list as JSON, as GitLab writes it, or with commas or line breaks between. */
function listOf(name: string, text: string): readonly string[] {
  if (!text.startsWith('[')) return text.split(/[,\n]/).flatMap((part) => part.trim() || []);
  try {
    const values = JSON.parse(text) as readonly unknown[];
    if (values.every((value) => typeof value === 'string' || typeof value === 'number')) return values.map(String);
  } catch {
    // Told below.
  }
  throw new UsageError(`The input ${name} is ${text}.`, 'Give a JSON list of texts, such as ["a", "b"].');
}
