import type { TextFacts } from './csv-header';
import { arrayDocument, lineTooLong, malformed, maxLineBytes } from './ndjson-limits';

const openingBrace = 0x7b;
const openingBracket = 0x5b;

/**
 * Looks at the first line of unpacked NDJSON: what is none at all is refused before anything is staged. What columns
 * there are, only all rows can tell.
 *
 * @throws `UnsupportedFormat`, `MalformedJson`, `RowTooLong`
 */
export async function readNdjsonFacts(bytes: AsyncIterable<Buffer>, object: string): Promise<TextFacts> {
  let line = 1;
  let length = 0;
  let begun = false;
  for await (const chunk of bytes) {
    for (let at = 0; at < chunk.length;) {
      if (!begun) {
        const byte = chunk[at++]!;
        if (byte === 0x0a) line++;
        if (byte === 0x0a || byte === 0x20 || byte === 0x09 || byte === 0x0d) continue;
        if (byte === openingBracket) throw arrayDocument(object);
        if (byte !== openingBrace) throw malformed(object, line, 'a JSON object on each line');
        begun = true;
      }
      const end = chunk.indexOf(0x0a, at);
      if (end >= 0) return { columns: null, rows: null };
      length += chunk.length - at;
      if (length > maxLineBytes) throw lineTooLong(object, line);
      at = chunk.length;
    }
  }
  return { columns: null, rows: begun ? null : 0 };
}
