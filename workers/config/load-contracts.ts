import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { glob } from 'tinyglobby';
import { loadFailure } from '../../workflows/load-error';
import { parseYamlContracts, type WrittenContract } from '../../activities/contracts/yaml-contract';
import {
  validateContract,
  type ContractPlace,
  type ContractSurroundings,
} from '../../activities/contracts/validate-contract';
import { importModule } from './import-module';
import { placeInModule } from './module-place';
import { unreadableModule } from './module-trouble';
import { refuseOption } from './config-refusal';
import { shortPath } from './short-path';
import type { TableContract } from '../../workflows/table-contract';

/** Where the contracts of a configuration are looked for. */
export interface ContractsOrigin extends ContractSurroundings {
  readonly configFile: string;
  readonly rootDir: string;
}

/** Contracts and where they are written, by name. */
export interface LoadedContracts {
  readonly contracts: ReadonlyMap<string, TableContract>;
  readonly contractPlaces: ReadonlyMap<string, ContractPlace>;
}

/**
 * The contracts of a configuration: objects as they are, and those in the named files.
 *
 * @throws `InvalidContract`, `InvalidConfig`
 */
export async function loadContracts(entries: readonly unknown[], origin: ContractsOrigin): Promise<LoadedContracts> {
  const contracts = new Map<string, TableContract>();
  const contractPlaces = new Map<string, ContractPlace>();
  for (const [index, entry] of entries.entries()) {
    for (const { value, place } of await writtenContracts(entry, `contracts[${index}]`, origin)) {
      const contract = validateContract(value, place, origin);
      const other = contractPlaces.get(contract.name);
      if (other !== undefined) throw twice(contract.name, place, other);
      contractPlaces.set(contract.name, place);
      contracts.set(contract.name, contract);
    }
  }
  return { contracts, contractPlaces };
}

async function writtenContracts(entry: unknown, option: string, origin: ContractsOrigin): Promise<WrittenContract[]> {
  if (typeof entry !== 'string')
    return [{ value: entry, place: await placeInModule(origin.configFile, option, entry) }];
  const written: WrittenContract[] = [];
  for (const file of await filesOf(entry, option, origin)) written.push(...(await contractsIn(file, option, origin)));
  return written;
}

async function filesOf(pattern: string, option: string, origin: ContractsOrigin): Promise<string[]> {
  const literal = path.resolve(origin.rootDir, pattern);
  if (existsSync(literal)) return [literal];
  const found = await glob(pattern, {
    cwd: origin.rootDir,
    absolute: true,
    ignore: ['**/node_modules/**', '**/*.d.ts'],
  });
  if (found.length > 0) return found.sort();
  throw refuseOption(origin.configFile, {
    option,
    expected: 'the path or glob of files that hold contracts',
    got: `"${pattern}", which matches nothing in ${origin.rootDir}`,
    remedy: 'Correct the path; it is relative to the configuration file.',
  });
}

async function contractsIn(file: string, option: string, origin: ContractsOrigin): Promise<WrittenContract[]> {
  if (isContractFile(file)) return readContracts(file);
  const expected = 'files that end in .yml, .yaml, .ts or .js';
  throw refuseOption(origin.configFile, { option, expected, got: shortPath(file) });
}

/** Whether a file may hold contracts, by its name. */
export const isContractFile = (file: string): boolean => /\.(ya?ml|[mc]?[tj]s)$/i.test(file);

/** The contracts of one file, not yet checked; its path is absolute. @throws `InvalidContract` */
export async function readContracts(file: string): Promise<WrittenContract[]> {
  const name = shortPath(file);
  if (!/\.ya?ml$/i.test(file)) return exportedContracts(file, name);
  const written = parseYamlContracts(await readFile(file), name);
  return written.map(({ value, place }) => ({ value, place: { ...place, path: file } }));
}

async function exportedContracts(file: string, name: string): Promise<WrittenContract[]> {
  const found = new Map<unknown, string>();
  for (const [key, value] of Object.entries(await importContracts(file))) {
    // The default export is a contract or a mistake; of the named ones a file may hold others beside contracts.
    const chosen = key === 'default' ? value !== undefined && !isNamespace(value) : looksLikeContract(value);
    if (chosen && !found.has(value)) found.set(value, `export ${key}`);
  }
  if (found.size > 0)
    return Promise.all(
      [...found].map(async ([value, part]) => ({ value, place: await placeInModule(file, part, value) })),
    );
  throw loadFailure('InvalidContract', {
    object: name,
    expected: 'an export made by defineContract({ … })',
    got: 'none',
    remedy: 'Export the contract, or leave the file out of `contracts`.',
  });
}

async function importContracts(file: string): Promise<Readonly<Record<string, unknown>>> {
  try {
    return await importModule(file);
  } catch (cause) {
    throw unreadableModule(
      { code: 'InvalidContract', what: 'A file of contracts cannot be read.', file, expected: 'a module' },
      cause,
    );
  }
}

function looksLikeContract(value: unknown): boolean {
  return typeof value === 'object' && value !== null && 'name' in value && 'table' in value && 'columns' in value;
}

/** A CommonJS module seen through ESM has all of its exports as the default one. */
function isNamespace(value: unknown): boolean {
  return (
    typeof value === 'object' &&
    value !== null &&
    !looksLikeContract(value) &&
    Object.values(value).some(looksLikeContract)
  );
}

function twice(name: string, ...places: readonly ContractPlace[]): Error {
  const [place, other] = places.map(({ file, part }) => [file, part].filter(Boolean).join(' '));
  return loadFailure('InvalidContract', {
    what: 'Two contracts have one name.',
    object: `${place} name`,
    expected: 'a name of its own',
    got: `"${name}", as in ${other}`,
    remedy: 'Rename one of them, or name the file once only.',
  });
}
