import { loadFailure } from '../workflows/load-error';
import { loadErrors, type LoadErrorCode } from '../workflows/load-error-code';
import type { TableContract } from '../workflows/table-contract';
import { didYouMean } from './contracts';
import type { WritableStore } from './stores/objects/object-store';
import type { Store } from './stores/store';
import type { Warehouse } from './warehouses/warehouse';

/** What the activities work with; a worker puts it together. */
export interface ActivityDeps {
  readonly warehouses: ReadonlyMap<string, Warehouse>;
  readonly stores: ReadonlyMap<string, Store>;
  readonly contracts: ReadonlyMap<string, TableContract>;
  /** Where manifests are kept. */
  readonly stateDir: string;
  /** Where batches are kept as well, for workers that share no folder. */
  readonly batchStore?: WritableStore | null;
  readonly buildId: string;
  /** Whether this worker is a version of a Worker Deployment, so that canaries may run on it. */
  readonly versioned: boolean;
  /** Whether the namespace has Loadline's search attributes. */
  searchAttributes(): Promise<boolean>;
}

/** Finds what a request names. @throws the code, with the names there are */
export function named<T>(map: ReadonlyMap<string, T>, name: string, code: LoadErrorCode): T {
  const found = map.get(name);
  if (found !== undefined) return found;
  const names = [...map.keys()];
  throw loadFailure(code, {
    object: name,
    expected: `one of ${names.join(', ') || '(none configured)'}`,
    got: name,
    remedy: `${didYouMean(name, names)} ${loadErrors[code].remedy}`,
  });
}
