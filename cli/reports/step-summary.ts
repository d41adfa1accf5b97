/** GitHub shows nothing of a summary that is larger than this. */
export const summaryBytes = 1024 * 1024;

const cut = '\n… cut here: the summary would be too large for GitHub. findings.json has everything.\n';

/** As many whole lines of a text as fit into so many bytes, and that it was cut. */
export function fitting(text: string, bytes: number): string {
  if (Buffer.byteLength(text) <= bytes) return text;
  const room = bytes - Buffer.byteLength(cut);
  if (room < 0) return '';
  const part = Buffer.from(text).subarray(0, room);
  return `${part.subarray(0, part.lastIndexOf('\n') + 1).toString('utf8')}${cut}`;
}
