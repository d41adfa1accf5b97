import { loadFailure, isLoadError } from '../../../workflows/load-error';
import type { LoadReceipt } from '../../../workflows/contract';
import { mapBounded } from '../../sources/map-bounded';
import type { RunOptions, Sql, Unit } from '../sql/port';
import type { BigQueryClient } from './client';
import { tooDear } from './errors';
import { bytesOf } from './statements';

const atOnce = 8;
const patienceMs = 15_000;

/**
 * See `SqlBackend.estimate`. Of a script BigQuery estimates nothing, so that its statements are asked about one by one; and
 * `maximumBytesBilled` is what one of them may be billed for.
 */
export async function estimateUnit(
  client: BigQueryClient,
  { name, open, guards, statements }: Pick<Unit, 'name' | 'open' | 'guards' | 'statements'>,
  { signal }: RunOptions = {},
): Promise<LoadReceipt['cost'] | null> {
  signal?.throwIfAborted();
  const object = open ? `${name} of ${open.loadKey}` : name;
  const end = AbortSignal.any([AbortSignal.timeout(patienceMs), ...(signal ? [signal] : [])]);
  const late = new Promise<null>((resolve) => {
    end.addEventListener('abort', () => resolve(null), { once: true });
  });
  const parts = [...guards.map(({ code, holds }) => ({ name: `guard ${code}`, sql: holds })), ...statements];
  const bytes = await mapBounded(parts, atOnce, async (part) => {
    if (end.aborted) return null;
    const found = await Promise.race([estimated(client, part.sql, { name, object, open }), late]);
    refuseTooDear(client, found, { object, part: part.name });
    return found;
  });
  signal?.throwIfAborted();
  if (bytes.includes(null)) return null;
  return { estimatedBytes: bytes.reduce<number>((sum, n) => sum + n!, 0) };
}

/** Nothing fails because nobody could tell what it costs. */
async function estimated(
  client: BigQueryClient,
  statement: Sql,
  { name, ...facts }: { readonly name: string; readonly object: string; readonly open?: Unit['open'] },
): Promise<number | null> {
  try {
    return await bytesOf(client, name, statement, facts);
  } catch (error) {
    if (isLoadError(error, 'InvalidConfig')) throw error;
    return null;
  }
}

/** BigQuery goes by its own estimate too, and would stop the script in its midst. */
function refuseTooDear(
  { config }: BigQueryClient,
  bytes: number | null,
  { object, part }: { readonly object: string; readonly part: string },
): void {
  const limit = config.maximumBytesBilled;
  if (limit === null || bytes === null || bytes <= Number(limit)) return;
  throw loadFailure('InvalidConfig', {
    ...tooDear,
    object,
    expected: `a statement within maximumBytesBilled, ${limit}`,
    got: `an estimate of ${bytes} bytes (${part})`,
  });
}
