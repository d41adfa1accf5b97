/** Text that is shown as it is: no mark-up, no HTML, no mention of a person, and no second line. */
export function inline(text: string): string {
  return text
    .replace(/[\\`*_{}[\]()#+!~]/g, '\\$&')
    .replace(/&/g, '&amp;')
    .replace(/</g, '&lt;')
    .replace(/>/g, '&gt;')
    .replace(/@/g, '&#64;')
    .replace(/[\s\p{Cc}]+/gu, ' ');
}

/** The same within a table. */
export const cell = (text: string): string => inline(text).replaceAll('|', '\\|');
