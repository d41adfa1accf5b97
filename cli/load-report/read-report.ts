import { endOfIdentity, parseTableName } from '../../activities/contracts/table-name';
import { ownVersion } from '../own-package';
import { intervalOf, makeReport, receiptAsked } from './make-report';
import type { LoadMetrics } from '../../activities/quality/load-metrics';
import type { LoadDetails, Warehouse } from '../../activities/warehouses/warehouse';
import type { LoadReceipt } from '../../workflows/contract';
import type { TableContract } from '../../workflows/table-contract';
import type { LoadReport } from './load-report';

/** Of so many loads a report shows how they came to be this one. */
const shownLoads = 40;

/** Reads from the ledger what there is to be told of a load. @throws `LoadNotFound` */
export async function readReport(
  warehouse: Warehouse,
  asked: string,
  contracts: Iterable<TableContract>,
): Promise<LoadReport> {
  const details = await warehouse.show(asked);
  const receipt = receiptAsked(details, asked);
  const tables = receipt?.tables.map(({ table }) => table) ?? details.targets;
  const metrics = new Map<string, readonly LoadMetrics[]>();
  for (const table of tables) metrics.set(table, await metricsOf(warehouse, table, details, receipt));
  const quarantined = receipt ? await warehouse.quarantine.list({ load: receipt.loadId, all: true, limit: 1000 }) : [];
  const all = [...contracts];
  const masked = new Map(tables.map((table) => [table, maskedIn(all, table)]));
  const known = { details, ...(receipt && { receipt }), quarantined, metrics, masked };
  return makeReport(known, ownVersion(), new Date().toISOString());
}

async function metricsOf(
  warehouse: Warehouse,
  table: string,
  { pipeline, loadKey, claimedAt }: LoadDetails,
  receipt: LoadReceipt | undefined,
): Promise<LoadMetrics[]> {
  const at = (receipt?.interval ?? intervalOf(loadKey))?.start ?? receipt?.publishedAt ?? claimedAt;
  const upTo = { pipeline, loadKey, at, ...(receipt && { loadId: receipt.loadId }) };
  return warehouse.metrics({ table, limit: shownLoads, upTo });
}

/** Columns of a table that a contract masks today, though the load may be from before that. */
export function maskedIn(contracts: readonly TableContract[], table: string): Set<string> {
  const into = contracts.filter((contract) => {
    const named = parseTableName(contract.table);
    return named !== null && `.${table}`.endsWith(`.${endOfIdentity(named)}`);
  });
  return new Set(into.flatMap(({ columns }) => Object.keys(columns).filter((name) => columns[name]!.masked === true)));
}
