import { loadFailure } from '../../workflows/load-error';

/** The byte-order mark that some programs write before UTF-8. */
export const utf8Bom = Buffer.from([0xef, 0xbb, 0xbf]);

/** Refuses text that says by its first bytes that it is not UTF-8. */
export function refuseForeignEncoding(head: Buffer, object: string): void {
  const [a, b] = head;
  const utf16 = (a === 0xff && b === 0xfe) || (a === 0xfe && b === 0xff);
  if (utf16) throw loadFailure('InvalidEncoding', { object, expected: 'UTF-8', got: 'the byte-order mark of UTF-16' });
}

/** Decodes chunks strictly. @throws `InvalidEncoding` */
export async function* decodeUtf8(chunks: AsyncIterable<Buffer>, object: string): AsyncGenerator<string> {
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  const decode = (chunk?: Buffer): string => {
    try {
      return decoder.decode(chunk, { stream: chunk !== undefined });
    } catch (cause) {
      throw loadFailure('InvalidEncoding', { object, cause });
    }
  };
  for await (const chunk of chunks) yield decode(chunk);
  yield decode();
}
