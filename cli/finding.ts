import { errorFacts } from './print-error';
import type { HealthFinding } from '../activities/warehouses/warehouse';

/** What was looked at. */
export type Finding = HealthFinding;

/** A finding made of an error. */
export function failed(check: string, error: unknown): Finding {
  const { code, what, object, got, remedy } = errorFacts(error);
  const on = [object, got].filter(Boolean).join(': ');
  return { check, ok: false, found: `${code}  ${what}${on ? ` [${on}]` : ''}`, remedy };
}
