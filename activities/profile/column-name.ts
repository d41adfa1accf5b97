import { reservedPrefix } from '../contracts';

/** PostgreSQL cuts names at 63 bytes; a number may have to follow. */
const longestName = 58;
const german: Readonly<Record<string, string>> = { ä: 'ae', ö: 'oe', ü: 'ue', Ä: 'Ae', Ö: 'Oe', Ü: 'Ue', ß: 'ss' };

/**
 * A name in snake case that needs no quotes: `Order ID` and `orderId` become `order_id`, `Größe (m²)` becomes
 * `groesse_m2`. `null` when nothing is left.
 */
export function snakeName(text: string): string | null {
  const plain = text
    .normalize('NFC')
    .replace(/[äöüÄÖÜß]/g, (letter) => german[letter] ?? letter)
    .normalize('NFKD')
    .replace(/\p{M}/gu, '');
  const words = plain
    .replace(/([a-z\d])([A-Z])/g, '$1_$2')
    .replace(/([A-Z])([A-Z][a-z])/g, '$1_$2')
    .replace(/[^A-Za-z\d]+/g, '_')
    .toLowerCase()
    .slice(0, longestName)
    .replace(/^_+|_+$/g, '');
  if (words === '') return null;
  return /^\d/.test(words) ? `c_${words}` : words;
}

/** A name of its own in a table for every column of a source. */
export function columnNames(sources: readonly string[]): string[] {
  const sane = sources.map((source) => /^[a-z][a-z\d_]*$/.test(source) && source.length <= longestName);
  const taken = new Set(sources.filter((_, index) => sane[index]));
  return sources.map((source, index) => {
    if (sane[index] && !source.startsWith(reservedPrefix)) return source;
    const wanted = snakeName(source) ?? `column_${index + 1}`;
    let name = wanted;
    for (let n = 2; taken.has(name); n++) name = `${wanted}_${n}`;
    taken.add(name);
    return name;
  });
}
