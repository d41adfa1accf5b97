import { InvalidArgumentError, type Command } from 'commander';
import { endOfIdentity, parseTableName } from '../../activities/contracts/table-name';
import { exitCodes, type ExitCode } from '../exit-code';
import { lazyQuarantine } from '../lazy';
import { UsageError } from '../usage-error';
import { addRetry } from './quarantine-retry';
import { addSignedOptions, agree, signedBy, type SignedOptions } from './loads-undo';
import { warehouseFlag, type WarehouseOption } from './loads';
import type { CliContext, RunBody } from '../cli-context';

/** Which table of a load. */
export interface TableOption extends WarehouseOption {
  readonly table?: string;
}
interface ListOptions extends TableOption {
  readonly contract?: string;
  readonly load?: string;
  readonly reason?: string;
  readonly all?: boolean;
  readonly limit: number;
}
interface ShowOptions extends TableOption {
  readonly values?: boolean;
  readonly all?: boolean;
  readonly limit: number;
}

/** Declares the option of {@link TableOption}. */
export const tableFlag = ['--table <table>', 'schema.table or database.schema.table'] as const;

/** Declares `quarantine` and its commands. */
export function addQuarantine(program: Command, run: RunBody): void {
  const quarantine = program.command('quarantine').description('rows that loads have set aside');
  quarantine
    .command('list')
    .description('how many rows are set aside, by load, table and reason, newest first')
    .option(...warehouseFlag)
    .option('--contract <name>', "of this contract's table only")
    .option(...tableFlag)
    .option('--load <key|id>', 'of this load only')
    .option('--reason <text>', 'with this text in a reason only')
    .option('--all', 'also loads of which every row is decided')
    .option('--limit <n>', 'how many', limitOf, 20)
    .action((options: ListOptions) => run((context) => list(options, context)));
  quarantine
    .command('show')
    .argument('<key|id>', 'a load key or a load id')
    .description('the rows of a load and why each was set aside')
    .option(...warehouseFlag)
    .option(...tableFlag)
    .option('--values', 'print what the rows hold')
    .option('--all', 'also rows that are repaired or discarded')
    .option('--limit <n>', 'how many', limitOf, 20)
    .action((key: string, options: ShowOptions) => run((context) => show(key, options, context)));
  quarantine
    .command('export')
    .argument('<key|id>', 'a load key or a load id')
    .description('write the open rows of a load to stdout, one JSON object a line, to be repaired and retried')
    .option(...warehouseFlag)
    .option(...tableFlag)
    .action((key: string, options: TableOption) => run((context) => exportRows(key, options, context)));
  addRetry(quarantine, run);
  const discard = quarantine
    .command('discard')
    .argument('<key|id>', 'a load key or a load id')
    .description('record that the open rows of a load are never to come')
    .option(...warehouseFlag)
    .option(...tableFlag);
  addSignedOptions(discard).action((key: string, options: TableOption & SignedOptions) =>
    run((context) => discardRows(key, options, context)),
  );
}

function limitOf(text: string): number {
  const limit = Number(text);
  if (Number.isInteger(limit) && limit >= 1 && limit <= 1000) return limit;
  throw new InvalidArgumentError('Give a whole number from 1 to 1000.');
}

async function list(options: ListOptions, context: CliContext): Promise<ExitCode> {
  const { warehouse, contract, load, reason, all, limit } = options;
  const table = contract === undefined ? options.table : await tableOfContract(contract, options.table, context);
  const found = await (
    await context.warehouse(warehouse)
  ).quarantine.list({
    limit,
    ...(load === undefined ? {} : { load }),
    ...(table === undefined ? {} : { table }),
    ...(reason === undefined ? {} : { reason }),
    ...(all ? { all } : {}),
  });
  context.terminal.result({ quarantined: found }, (columns) => lazyQuarantine().renderQuarantined(found, columns));
  return exitCodes.ok;
}

async function tableOfContract(name: string, table: string | undefined, context: CliContext): Promise<string> {
  if (table !== undefined) throw new UsageError('--contract and --table were both given.', 'Give one of them.');
  const { contracts } = await context.config();
  const contract = contracts.get(name);
  if (!contract) throw lazyQuarantine().unknownContract(name, [...contracts.keys()]);
  return endOfIdentity(parseTableName(contract.table)!);
}

async function show(key: string, options: ShowOptions, context: CliContext): Promise<ExitCode> {
  const { warehouse, table, values, all, limit } = options;
  const found = await (
    await context.warehouse(warehouse)
  ).quarantine.show(key, {
    limit,
    ...(table === undefined ? {} : { table }),
    ...(values ? { values } : {}),
    ...(all ? { all } : {}),
  });
  context.terminal.result(found, (columns) => lazyQuarantine().renderRows(found, columns));
  return exitCodes.ok;
}

/** Rows are data, with `--json` and without. */
async function exportRows(key: string, { warehouse, table }: TableOption, context: CliContext): Promise<ExitCode> {
  const adapter = await context.warehouse(warehouse);
  const { terminal } = context;
  const { rows, masked } = await adapter.quarantine.export(key, table, (lines) =>
    terminal.data(`${lines.join('\n')}\n`),
  );
  terminal.note(lazyQuarantine().renderExported(rows, masked, terminal.columns));
  return exitCodes.ok;
}

async function discardRows(
  key: string,
  { warehouse, table, yes, ...signed }: TableOption & SignedOptions,
  context: CliContext,
): Promise<ExitCode> {
  const by = signedBy(signed);
  const adapter = await context.warehouse(warehouse);
  await agree(`Discard the open rows of ${key}? They will not be loaded.`, 'No row was discarded.', yes, context);
  const discarded = await adapter.quarantine.discard(key, table, by);
  context.terminal.result(discarded, () => lazyQuarantine().renderDiscarded(discarded));
  return exitCodes.ok;
}
