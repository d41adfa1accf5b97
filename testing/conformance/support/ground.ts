import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { validateContract } from '../../../activities/contracts';
import type { ActivityDeps } from '../../../activities/deps';
import { openLocalFiles } from '../../../activities/stores/local-files';
import type { Store } from '../../../activities/stores/store';
import type { Warehouse } from '../../../activities/warehouses/warehouse';
import type { TableContract } from '../../../workflows/table-contract';
import type { HarnessOpenOptions, WarehouseHarness } from '../harness';
import { Gates } from './gates';
import { Run, type RunOptions } from './run';
import { TestTable, type TableOptions } from './table';

const storeName = 'raw';

/** A warehouse under test, with a store of files and everything that the activities of a worker are given. */
export class Ground {
  readonly store: Store;
  readonly gates: Gates;
  readonly #opened: Warehouse[] = [];
  readonly #contracts = new Map<string, TableContract>();
  #tables = 0;
  #runs = 0;
  #clock = 0;

  constructor(
    readonly harness: WarehouseHarness,
    /** Open already, and shared by the runs that do not ask for one of their own. */
    readonly warehouse: Warehouse,
    readonly folder: string,
  ) {
    mkdirSync(join(folder, storeName), { recursive: true });
    this.store = openLocalFiles(storeName, join(folder, storeName));
    this.gates = new Gates(harness);
  }

  /** A warehouse with sessions of its own, as another worker has. */
  async another(options: HarnessOpenOptions = {}): Promise<Warehouse> {
    const warehouse = await this.harness.open(options);
    this.#opened.push(warehouse);
    return warehouse;
  }

  /** A run of a workflow: whoever claims, stages and publishes. */
  run(options: RunOptions = {}): Run {
    const workflowId = options.workflowId ?? `run-${++this.#runs}`;
    return new Run(this, options.warehouse ?? this.warehouse, { runId: `${workflowId}-1`, ...options, workflowId });
  }

  /** A table of its own for a test, and the contract that describes it. */
  table(options: TableOptions = {}): TestTable {
    const number = ++this.#tables;
    const table = new TestTable(this, options.name ?? `conformance_${number}`, options, number);
    this.adopt(table.contract);
    return table;
  }

  /** Takes over a contract that another process has made. */
  adopt(contract: TableContract): void {
    this.#contracts.set(contract.name, contract);
  }

  /** A contract for a table by its name, which may be any. */
  contract(id: string, table: string, { name: _, key, ...rest }: TableOptions): TableContract {
    const encoded = [this.harness.schema, table].map((part) =>
      part.replace(/[%./\s]/gu, (c) => encodeURIComponent(c).replace('.', '%2E')),
    );
    const written = {
      name: id,
      table: `${this.warehouse.name}/${encoded.join('.')}`,
      create: 'if-missing',
      ...rest,
      ...(key?.length && { key }),
    };
    return validateContract(written as unknown as TableContract, 'the conformance suite');
  }

  /** Writes a source file. Returns its path in the store. */
  file(path: string, content: string | Uint8Array): string {
    const full = join(this.folder, storeName, path);
    mkdirSync(dirname(full), { recursive: true });
    writeFileSync(full, content);
    return path;
  }

  /** What the activities work with. */
  deps(warehouse: Warehouse): ActivityDeps {
    return {
      warehouses: new Map([[warehouse.name, warehouse]]),
      stores: new Map([[storeName, this.store]]),
      contracts: this.#contracts,
      stateDir: join(this.folder, 'state'),
      buildId: 'conformance',
      versioned: false,
      searchAttributes: async () => false,
    };
  }

  /** Orders the steps of all runs, as the server's clock does. */
  tick(): number {
    return ++this.#clock;
  }

  async close(): Promise<void> {
    this.gates.close();
    await Promise.allSettled([...this.#opened, this.warehouse].map((warehouse) => warehouse.close()));
    await this.harness.close();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** Opens the warehouse and makes its ledger. */
export async function openGround(harness: WarehouseHarness, folder?: string): Promise<Ground> {
  const warehouse = await harness.open();
  const ground = new Ground(harness, warehouse, folder ?? mkdtempSync(join(tmpdir(), 'loadline-conformance-')));
  await warehouse.prepare();
  return ground;
}
