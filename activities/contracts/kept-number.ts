/** Whether a number is still the one that was written: no digit lost, none made infinite, no leading zero dropped. */
export function isKept(source: string, value: number): boolean {
  if (!/^[-+]?[\d.]/.test(source) || /^0[xo]/.test(source) || /^[-+]?\.(inf|nan)/i.test(source)) return true;
  return Number.isFinite(value) && !/^[-+]?0\d/.test(source) && digits(source) === digits(String(value));
}

/** A decimal as its sign, its digits and the place of its point, however it is written. */
function digits(text: string): string {
  const [, sign, whole = '', fraction = '', exponent = '0'] =
    /^([-+]?)(\d*)\.?(\d*)(?:e([-+]?\d+))?$/i.exec(text) ?? [];
  const all = `${whole}${fraction}`.replace(/^0+/, '');
  const kept = all.replace(/0+$/, '');
  if (kept === '') return '0';
  return `${sign === '-' ? '-' : ''}${kept}e${Number(exponent) - fraction.length + all.length - kept.length}`;
}
