import { stripVTControlCharacters } from 'node:util';

/** What a failing test said, without colours and stack, in a line. */
export function saidInALine(message = '') {
  return stripVTControlCharacters(message)
    .split(/\n\s+at /)[0]
    .replace(/\s+/g, ' ')
    .trim();
}
