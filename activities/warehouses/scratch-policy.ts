import { createHash } from 'node:crypto';

const hashOf = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 12);

/** Tells the schemas of one canary from those of others. */
export const canaryHash = hashOf;

/** A name of at most 63 bytes, without what a contract's `table` would have to encode. */
export function scratchTable(contract: string): string {
  const plain = contract.replaceAll('.', '_');
  if (plain === contract && plain.length <= 63) return plain;
  return `${plain.slice(0, 50)}_${hashOf(contract)}`;
}
