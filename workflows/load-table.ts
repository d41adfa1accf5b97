import { load } from './load';
import type { LoadReceipt, LoadRequest } from './contract';

/**
 * A ready workflow that loads one table, for use without any code of one's own.
 *
 * @example
 * ```sh
 * temporal workflow start --type loadTable --task-queue loadline --workflow-id orders-2026-11-22 --input '{
 *   "pipeline": "orders-daily", "into": "orders", "mode": "merge",
 *   "from": { "kind": "files", "store": "raw", "glob": "orders/2026-11-22/*.csv" },
 *   "interval": { "start": "2026-11-22T00:00:00.000Z", "end": "2026-11-23T00:00:00.000Z" } }'
 * ```
 */
export async function loadTable(request: LoadRequest): Promise<LoadReceipt> {
  return load(request);
}
