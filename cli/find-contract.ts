import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { didYouMean, validateContract, type ContractPlace, type WrittenContract } from '../activities/contracts';
import { lazyConfig } from './lazy';
import { UsageError } from './usage-error';
import type { CliContext } from './cli-context';
import type { TableContract } from '../workflows/table-contract';

/** A contract, and where each of its parts is written. */
export interface FoundContract {
  readonly contract: TableContract;
  /** The line and the column of a part, as far as they can be told. */
  locate(path: readonly PropertyKey[]): { file: string; line?: number; column?: number } | null;
}

/**
 * Finds a contract: in the file of this name, else in the configuration under it.
 *
 * @throws `InvalidContract`, `UsageError`, and what the configuration throws
 */
export async function findContract(named: string, context: CliContext): Promise<FoundContract> {
  const [, file = named, name] = /^(.+?)#([^#]*)$/.exec(named) ?? [];
  const { isContractFile } = lazyConfig();
  if (isContractFile(file)) return inFile(path.resolve(file), file, name);
  const { contracts, contractPlaces } = await context.config();
  const contract = contracts.get(named);
  const place = contractPlaces.get(named);
  if (contract && place) return located(contract, place);
  throw new UsageError(
    `The configuration has no contract "${named}".`,
    `${didYouMean(named, contracts.keys())} Or name a file, such as contracts/${named}.yml.`,
  );
}

async function inFile(file: string, shown: string, name: string | undefined): Promise<FoundContract> {
  if (!existsSync(file)) throw new UsageError(`There is no file ${shown}.`, 'Correct the path of the contract.');
  const written = await lazyConfig().readContracts(file);
  const { value, place } = choose(written, shown, name);
  return located(validateContract(value, place), place);
}

const nameOf = ({ value }: WrittenContract): string => String((value as { name?: unknown } | null)?.name);

function choose(written: readonly WrittenContract[], shown: string, name: string | undefined): WrittenContract {
  const names = written.map(nameOf);
  const found = name === undefined ? written : written.filter((one) => nameOf(one) === name);
  if (found.length === 1) return found[0]!;
  throw name === undefined
    ? new UsageError(
        `${shown} holds several contracts.`,
        `Say which: ${names.map((one) => `${shown}#${one}`).join(', ')}.`,
      )
    : new UsageError(`${shown} has no contract "${name}".`, didYouMean(name, names));
}

async function located(contract: TableContract, place: ContractPlace): Promise<FoundContract> {
  const { path: file, locate } = place;
  if (file === undefined) return { contract, locate: () => null };
  const shown = path.relative(process.cwd(), file);
  const text = locate ? '' : await readFile(file, 'utf8');
  return {
    contract,
    locate: (parts) => {
      const [, line, column] = (locate?.(parts, true) ?? inSource(text, contract.name, parts)).split(':');
      return { file: shown, ...(line ? { line: Number(line) } : {}), ...(column ? { column: Number(column) } : {}) };
    },
  };
}

/** Where a module of TypeScript or JavaScript says a part of a contract, as `:line:column`: found by its names alone. */
export function inSource(text: string, name: string, parts: readonly PropertyKey[]): string {
  let found = indexIn(text, 0, `\\bname['"\`]?\\s*:\\s*['"\`]${escaped(name)}['"\`]`);
  for (const part of parts) {
    if (typeof part === 'number') continue;
    const at = indexIn(text, found + 1, property(String(part)));
    if (at < 0) break;
    found = at;
  }
  if (found < 0) return '';
  const before = text.slice(0, found).split('\n');
  return `:${before.length}:${before.at(-1)!.length + 1}`;
}

/** The name of a property, in quotes or without. */
function property(name: string): string {
  const text = escaped(name);
  return `(?:(['"\`])${text}\\1|(?<![\\w$.'"\`-])${text})\\s*:`;
}

function indexIn(text: string, from: number, pattern: string): number {
  const search = new RegExp(pattern, 'g');
  search.lastIndex = Math.max(from, 0);
  return search.exec(text)?.index ?? -1;
}

const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
