/** HTML that may be written as it is. Made by {@link html} alone. */
export class Html {
  constructor(readonly text: string) {}
}

/** What may stand in a template of {@link html}: what is absent or false leaves nothing behind. */
export type Content = Html | string | number | false | null | undefined | readonly Content[];

/** HTML of which every text that is put in is shown as it is, whatever it says. */
export function html(parts: TemplateStringsArray, ...contents: readonly Content[]): Html {
  return new Html(parts.map((part, i) => part + (i < contents.length ? written(contents[i]) : '')).join(''));
}

function written(content: Content): string {
  if (content === undefined || content === null || content === false) return '';
  if (content instanceof Html) return content.text;
  if (typeof content === 'object') return content.map(written).join('');
  return escaped(String(content));
}

/** A name without blanks, that may be broken after a separator where it is too long for its line. */
export const breakable = (name: string): Html =>
  new Html(
    name
      .split(/(?<=[./_])/)
      .map(escaped)
      .join('<wbr>'),
  );

const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' }; // prettier-ignore

/** For an attribute or between tags. What a page has no place for becomes a replacement character. */
const escaped = (text: string): string =>
  text
    .replace(/\p{Cs}/gu, '\ufffd')
    // eslint-disable-next-line no-control-regex -- those are what HTML takes amiss
    .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f]/g, '\ufffd')
    .replace(/[&<>"']/g, (character) => entities[character]!);
