import { errorFacts } from './print-error';
import type { HealthFinding } from '../activities/warehouses/warehouse';

/** What was looked at. Something `optional` that is missing is told, and is not wrong. */
export interface Finding extends HealthFinding {
  readonly optional?: boolean;
}

/** A finding made of an error. */
export function failed(check: string, error: unknown): Finding {
  const { code, what, object, got, remedy } = errorFacts(error);
  const on = [object, got].filter(Boolean).join(': ');
  return { check, ok: false, found: `${code}  ${what}${on ? ` [${on}]` : ''}`, remedy };
}
