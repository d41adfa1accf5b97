import { existsSync } from 'node:fs';
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

function located(contract: TableContract, place: ContractPlace): FoundContract {
  const { path: file, locate } = place;
  if (file === undefined) return { contract, locate: () => null };
  const shown = path.relative(process.cwd(), file);
  return {
    contract,
    locate: (parts) => {
      const [, line, column] = (locate?.(parts, true) ?? '').split(':');
      return { file: shown, ...(line ? { line: Number(line) } : {}), ...(column ? { column: Number(column) } : {}) };
    },
  };
}
