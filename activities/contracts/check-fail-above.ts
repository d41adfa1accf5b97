import { show, type Refusal } from './zod-issue';

interface Limited {
  readonly severity?: 'warn' | 'quarantine' | 'fail' | undefined;
  readonly failAbove?: number | string | undefined;
}

/** What is wrong with how many rows may break a check. */
export function checkFailAbove(path: readonly PropertyKey[], { failAbove, severity = 'fail' }: Limited): Refusal[] {
  if (failAbove === undefined) return [];
  const at = [...path, 'failAbove'];
  if (severity === 'fail')
    return [
      {
        path: at,
        name: true,
        expected: 'failAbove beside severity: warn or severity: quarantine',
        got: 'severity fail, which no row may break',
        remedy: 'Set the severity, or remove failAbove.',
      },
    ];
  if (isCount(failAbove) || isShare(failAbove)) return [];
  return [
    {
      path: at,
      name: false,
      expected: 'a count of rows such as 50, or a share from "0%" to "100%"',
      got: show(failAbove),
      remedy: adviceFor(failAbove),
    },
  ];
}

const isCount = (limit: number | string): boolean => typeof limit === 'number' && Number.isInteger(limit) && limit >= 0;

const isShare = (limit: number | string): boolean =>
  typeof limit === 'string' && /^\d{1,3}(\.\d{1,4})?%$/.test(limit) && Number.parseFloat(limit) <= 100;

function adviceFor(limit: number | string): string {
  const value = typeof limit === 'number' ? limit : Number(limit.replace(/[\s%]/g, ''));
  if (!Number.isFinite(value) || value < 0) return 'Write a number, or a number and %.';
  if (value > 100) return 'More rows than the batch has cannot break a check.';
  if (typeof limit === 'number') return `Write "${Number((limit * 100).toFixed(4))}%" for a share.`;
  return `Write "${value}%" for a share${Number.isInteger(value) ? `, or ${value} without quotes for a count` : ''}.`;
}
