import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { ciTemplatePath } from '../own-package';

/** What the templates ask for: `ci-templates/gate.yml`, which they are made of. */
export interface GateSource {
  readonly inputs: Readonly<Record<string, GateInput>>;
  readonly jobs: Readonly<Record<string, { readonly what: string; readonly run?: string }>>;
}

/** An input of the templates. */
export interface GateInput {
  readonly type: 'string' | 'number' | 'boolean' | 'array';
  readonly description: string;
  /** Without one the input must be given. */
  readonly default?: string | number | boolean | readonly (string | number)[];
  readonly pattern?: string;
}

/** Reads the source that comes with the package. */
export const gateSource = (): GateSource => parse(readFileSync(ciTemplatePath('gate.yml'), 'utf8')) as GateSource;
