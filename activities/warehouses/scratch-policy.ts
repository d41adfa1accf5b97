import { createHash } from 'node:crypto';
import type { TableContract } from '../../workflows/table-contract';

/** Tells one canary, or one long name, from others. */
export const canaryHash = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 12);

/** The same contract, of a scratch table that is made when it is missing. */
export const scratchContract = (contract: TableContract, warehouse: string, schema: string): TableContract => ({
  ...contract,
  table: `${warehouse}/${schema}.${scratchTable(contract.name)}`,
  create: 'if-missing',
});

/** A name of at most 63 bytes, without what a contract's `table` would have to encode. */
function scratchTable(contract: string): string {
  const plain = contract.replaceAll('.', '_');
  if (plain === contract && plain.length <= 63) return plain;
  return `${plain.slice(0, 50)}_${canaryHash(contract)}`;
}
