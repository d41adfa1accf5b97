/** What a code means, what to do about it, and whether trying again can help. */
export interface LoadErrorMeaning {
  /** Whether the activity is tried again: at once helpful (`true`), never (`false`), or a few times (`few`). */
  readonly retry: boolean | 'few';
  readonly meaning: string;
  readonly remedy: string;
}

const once = (meaning: string, remedy: string): LoadErrorMeaning => ({ retry: false, meaning, remedy });
const again = (meaning: string, remedy: string): LoadErrorMeaning => ({ retry: true, meaning, remedy });

/** Codes of which a step is not tried again: the same attempt cannot help, so the workflow goes back to an earlier step. */
export const takenBack: readonly string[] = ['StageLost', 'SourceOverlap', 'SourceChanged', 'SchemaMoved'];

/**
 * Every error code of Loadline. A code is the `type` of the Temporal failure; codes are never renamed.
 * The one place that decides what is retryable.
 */
export const loadErrors = {
  // ── asked for wrongly
  InvalidRequest: once(
    'The request to load is malformed.',
    'Correct the named field; `loadline plan` checks a request without loading.',
  ),
  InvalidConfig: once('The configuration is malformed.', 'Correct the named option in loadline.config.ts.'),
  ConfigNotFound: once(
    'No configuration file was found.',
    'Make a project with `loadline init`, or name a configuration with --config.',
  ),
  WorkflowsNotBundled: once(
    'The workflows cannot be bundled.',
    'Correct the named line. What needs Node, files or the network belongs in an activity.',
  ),
  SecretMissing: once(
    'A secret that the configuration refers to is not set.',
    'Set the named variable, or create the named file, where the worker runs.',
  ),
  InvalidContract: once(
    'A contract is malformed.',
    'Correct the named field; the JSON Schema in loadline/contract.schema.json completes it in an editor.',
  ),
  UnknownContract: once(
    'No contract of this name is configured.',
    'Correct the name, or add the contract to the configuration.',
  ),
  UnknownStore: once(
    'No store of this name is configured.',
    'Correct the name, or add the store to the configuration.',
  ),
  UnknownWarehouse: once(
    'No warehouse of this name is configured.',
    'Correct the name, or add the warehouse to the configuration.',
  ),
  // ── the source
  SourceNotFound: once(
    'The source has no such file or folder.',
    "Check the path and the store's root on the machine of the worker.",
  ),
  NoFilesMatched: once(
    'The glob matches no file.',
    "Check the glob against the store's root; an empty delivery is no reason to replace a table by nothing.",
  ),
  SourceUnreadable: once(
    'The worker may not read a source file.',
    "Give the worker's user the right to read the file.",
  ),
  SourceChanged: once(
    'A source file changed while it was being loaded.',
    'Write files under another name and rename them when they are complete.',
  ),
  CorruptFile: once('A source file is truncated or damaged.', 'Deliver the file again; nothing of it was loaded.'),
  UnsupportedFormat: once(
    'The format of a source file is not supported.',
    'Name the format in files(…), or convert the file.',
  ),
  RaggedRow: once(
    'A row of a text file has more or fewer fields than its header.',
    'Correct the row; check delimiter and quote.',
  ),
  MalformedJson: once(
    'A line of an NDJSON file is not one JSON object.',
    'Correct the line at the source; every line is one object in braces.',
  ),
  RowTooLong: once(
    'A row or a value is longer than can be loaded.',
    'Keep values of this size elsewhere, and load a reference to them.',
  ),
  TooManyColumns: once(
    'The source has more columns than a table can.',
    'Deliver fewer columns, or gather those that belong together in one of type json.',
  ),
  InvalidEncoding: once('A text file is not valid UTF-8.', 'Convert the file to UTF-8.'),
  InvalidValue: once(
    'A value does not fit the type of its column.',
    "Correct the value at the source, or the column's type or format in the contract.",
  ),
  MissingColumn: once(
    'The source lacks a column that the contract names.',
    "Correct the contract's `from`, or the source.",
  ),
  UnknownColumn: once(
    'The source has a column that the contract does not name.',
    "Add the column to the contract, or set extraColumns: 'ignore'.",
  ),
  BatchMissing: once(
    'A batch that this load refers to is gone.',
    'Keep the state folder until loads are finished; start the load again.',
  ),
  BatchChanged: once(
    'The load key is applied, and the source now holds other content.',
    "Set onChanged: 'reprocess' to replace it, or load the new content under a key of its own.",
  ),
  // ── the contract's verdict
  NullKey: once(
    'Rows have no value in a key column.',
    "Correct the rows, or set severity: 'quarantine' on the key column.",
  ),
  NullValue: once(
    'Rows have no value in a column that must have one.',
    "Correct the rows, or set severity: 'quarantine' on the column.",
  ),
  OutOfRange: once(
    'Values lie outside the range of the contract.',
    "Correct the rows or the range, or set severity: 'quarantine'.",
  ),
  NotUnique: once(
    'Values that must be unique occur more than once.',
    'Correct the rows, or make the column part of the key.',
  ),
  ConflictingDuplicates: once(
    'Rows of the batch share a key and differ in other columns.',
    'Name the column that decides with `newest` in the contract, or correct the source.',
  ),
  RowCount: once(
    'The batch has fewer or more rows than the contract allows.',
    "Check the delivery, or the contract's `rows`.",
  ),
  CheckFailed: once(
    'The batch breaks a check of the contract.',
    'Correct the rows or the check; with severity: warn or quarantine, or failAbove, some rows may break it.',
  ),
  InvalidCheck: once(
    'A check of the contract cannot be made.',
    'Correct the check in the contract: its names, its SQL, and how it treats what a row may hold.',
  ),
  RowsOutsidePartition: once(
    'Rows lie outside the partitions that the load replaces.',
    'Widen the interval or the list of partitions, or correct the rows.',
  ),
  EmptyPartition: once(
    'A partition to replace has rows in the table and none in the batch.',
    'Set allowEmpty: true if the partition is to be emptied.',
  ),
  EmptyReplace: once('An empty batch would empty the table.', 'Set allowEmpty: true if the table is to be emptied.'),
  // ── the target
  TargetNotFound: once('The target table does not exist.', "Create it, or set create: 'if-missing' in the contract."),
  TargetNotATable: once('The target is a view or another thing that cannot be loaded.', 'Name the table behind it.'),
  SchemaMismatch: once("The target's columns do not fit the contract.", 'Alter the table or the contract.'),
  SchemaMoved: once(
    "The target's columns changed while the load was on its way.",
    'The load plans again by itself; avoid altering tables during loads.',
  ),
  KeyExists: once(
    'The target already holds a row with this key.',
    'Use mode merge or insert-only, or correct the rows.',
  ),
  ConstraintViolated: once(
    'A constraint of the target refused a row.',
    'Correct the rows, add the missing column to the contract, or change the constraint.',
  ),
  NoPartition: once(
    'The target has no partition for a row.',
    'Create the partition, or a default partition, and start the load again; nothing was written.',
  ),
  NotReversible: once(
    'This load cannot be reprocessed or rolled back.',
    'Use replace or replace-partition, or give an append table the column _loadline_load_id.',
  ),
  OutOfOrder: once(
    'A newer interval is already in the table, which this older load would overwrite.',
    "Name `newest` in the contract, or set outOfOrder: 'allow'.",
  ),
  NotSupported: once(
    'The warehouse cannot do what was asked, in this release.',
    'Nothing was written. Ask for another way, or use a warehouse that can; the README has the table.',
  ),
  PermissionDenied: once(
    'The database role lacks a right.',
    'Grant the named right; `loadline doctor` lists all that are needed.',
  ),
  // ── the protocol
  LoadInProgress: again(
    'Another workflow is loading this key.',
    'Wait, or end that workflow; `loadline loads show` names it.',
  ),
  Fenced: once(
    'A newer attempt has taken over this load key.',
    'Nothing to do: the newer attempt loads. Look at it with `loadline loads show`.',
  ),
  Rejected: once(
    'The load was rejected.',
    "Correct the source. A corrected file is a new one where files are loaded without an interval; the content of an interval, and what was rejected as it is, is loaded with onChanged: 'reprocess' (loadline run … --on-changed reprocess).",
  ),
  VerdictRefused: once(
    'The verdict on a held load was not accepted.',
    'Look at what is held with `loadline held list`, and send a verdict that it names.',
  ),
  RolledBack: once('The load was rolled back.', "Ask for a new generation with onChanged: 'reprocess'."),
  StageLost: once(
    'The stage does not hold the rows that were audited, as after a crash of the database.',
    'Nothing to do: the batch is staged again.',
  ),
  SourceOverlap: once(
    'Another load has meanwhile loaded some of these files.',
    'Nothing to do: the source is extracted again without them.',
  ),
  PublishSetChanged: once(
    'The stages do not belong to the set of tables that was opened.',
    'Publish exactly the targets that open returned.',
  ),
  LockRowMissing: once(
    'The row that serialises publishes of this table is gone.',
    "Do not delete from the ledger's schema; start the load again, which restores the row.",
  ),
  LockBusy: again(
    'Another session holds a lock that the load needs.',
    'Nothing to do: it is tried again. It was another publish, or a session that holds the table.',
  ),
  CommitOutcomeUnknown: again(
    'The connection was lost while committing.',
    'Nothing to do: the ledger is asked whether the commit arrived.',
  ),
  SessionLost: again(
    'The database session ended under the load.',
    "Nothing to do: it is tried again. If it recurs, look at the database's log and time-outs.",
  ),
  LedgerTooNew: once('The ledger was made by a newer release.', 'Upgrade loadline on this worker.'),
  LoadStillApplied: once('The load is applied; there is nothing to abandon.', 'Use rollback to undo an applied load.'),
  LoadNotApplied: once(
    'Nothing is applied under this load key; there is nothing to roll back.',
    'Use abandon to end a load that is under way.',
  ),
  LoadApplied: once(
    'The load key is applied already; there is nothing to adopt.',
    "Look at it with `loadline loads show`; other content is loaded with onChanged: 'reprocess'.",
  ),
  LoadNotFound: once('The ledger knows no such load.', 'List loads with `loadline loads list`.'),
  NotRetryable: once(
    'Rows that were set aside cannot be loaded by themselves.',
    'Correct the source, or the contract, and load the source again.',
  ),
  RowDecided: once(
    'A row that was set aside has been repaired or discarded meanwhile.',
    'Export the open rows again; `loadline quarantine show` tells what became of each.',
  ),
  // ── the gate
  UnknownWorkflow: once(
    'No workflow of this name is exported.',
    'Correct the name, or export the workflow from the module that worker.workflows names.',
  ),
  InvalidHistory: once(
    'The file is no history that can be replayed.',
    'Export it again as it is stored: `temporal workflow show --workflow-id ID --output json`, or `loadline history record`.',
  ),
  NoHistories: once(
    'There is no history to replay, so nothing is known.',
    'Record some with `loadline history record`, name a server with --server, or say --allow-none.',
  ),
  ReplayerBroken: once(
    'The replayer does not tell a good history from a bad one: no history was judged.',
    'Make the bundle anew with `loadline bundle` of the version that replays it, or bundleForReplay in a program.',
  ),
  ReplayFailed: once(
    'A history could not be replayed to its end.',
    'Correct what the message names. Whether the code fits the history is not known.',
  ),
  Nondeterminism: once(
    'The workflow code no longer does what the history says: running workflows of this kind would stop.',
    'Deploy it as a new worker version that running workflows are not moved to, keep the old way behind `patched()`, or undo the change.',
  ),
  LoadKeyChanged: once(
    'The code opens a load under another load key than the history says: its rows would be loaded again.',
    'Undo the change; or acknowledge it, with a reason, in replay-acknowledged.yml.',
  ),
  LoadRequestChanged: once(
    'The code asks for a load in another way than the history says.',
    'Nothing, if it is meant: running loads go on as they were opened, later ones are opened in the new way.',
  ),
  TimerChanged: once(
    'A timer of the code is longer or shorter than the history says.',
    'Nothing, if it is meant: timers that run keep their time, later ones take the new one.',
  ),
  HistoryNotReplayable: once(
    'A run cannot be recorded, because the workflow code here does not replay it.',
    'Record with the sources of the build that ran it, or wait until runs of the build here have been.',
  ),
  HistoryNotRedactable: once(
    'The history of a run cannot be redacted so that it still replays as the run does.',
    'Nothing was written. Have the workflow decide by a value that may be shown, or replay such runs from the server.',
  ),
  BuildNotPolling: once(
    'No worker of the build asks for work.',
    'Start `loadline worker` with this build id, and see in its log whether it polls.',
  ),
  DeployConflict: once(
    'Somebody else has changed which build new runs go to.',
    'See `loadline deploy status`, agree who deploys, and deploy again.',
  ),
  // ── the surroundings
  CredentialsRejected: once(
    'The database refused the user or the password.',
    "Check the URL's user and the secret it refers to.",
  ),
  DatabaseNotFound: once('The server has no such database.', "Check the database's name in the URL, or create it."),
  TlsRefused: {
    retry: 'few',
    meaning: 'No encrypted connection to the database server could be agreed on.',
    remedy: "Check sslmode and sslrootcert of the URL, and the server's certificate: its names, its issuer, its dates.",
  },
  WarehouseUnreachable: again(
    'The database server cannot be reached.',
    'Check host, port, network and TLS; `loadline doctor` tests the connection.',
  ),
  WarehouseBusy: again(
    'The database has no room for another connection or is starting up.',
    'Nothing to do: it is tried again. Lower maxPublishing if it recurs.',
  ),
  WarehouseReadOnly: again(
    'The database accepts no writes at present.',
    'Check whether the server is a standby or out of space.',
  ),
  WarehouseFull: again(
    'The database server has no disk space or memory left.',
    'Free space on the server; the load goes on by itself.',
  ),
  WorkerFull: again(
    'The worker has no room left: no disk space, or no handles for files.',
    'Free space in the folder that is named, or raise the limit; the load goes on by itself.',
  ),
  WarehouseError: {
    retry: 'few',
    meaning: 'The database reported an error that Loadline does not know.',
    remedy: 'Look up the SQLSTATE in the details; report it if Loadline should know it.',
  },
  StoreUnreachable: again(
    'The store cannot be reached, or has no room for the request.',
    'Nothing to do: it is tried again. If it recurs, check the endpoint, the network and the rate of requests.',
  ),
  TemporalUnreachable: once(
    'The Temporal server cannot be reached.',
    'Start `loadline dev`, or check the address and profile.',
  ),
  NoWorker: once('No worker polls the task queue.', 'Start `loadline worker` or `loadline dev`.'),
  ToolUnavailable: once(
    'A program that Loadline needs could not be found or installed.',
    'Follow the remedy in the message.',
  ),
  PortInUse: once('A port that was chosen is in use.', 'End the program that listens there, or choose another port.'),
  StateInUse: once(
    'Another program is running on this folder of state.',
    'Stop the other `loadline dev`, or choose another state folder.',
  ),
  NameClash: once(
    'An activity of yours has a name that Loadline uses.',
    'Rename your activity; names that start with "loadline." are Loadline\'s.',
  ),
  LoadCancelled: once(
    'The load was cancelled before it was published.',
    'Start it again when wanted; the target is as before.',
  ),
  Unexpected: {
    retry: 'few',
    meaning: 'An error that Loadline does not know.',
    remedy: "Report it with the stack trace from the worker's log.",
  },
} as const satisfies Record<string, LoadErrorMeaning>;

/** A stable error code: the `type` of the Temporal failure. `loadline explain CODE` describes it. */
export type LoadErrorCode = keyof typeof loadErrors;

/** All codes, in the order of {@link loadErrors}. */
export const loadErrorCodes = Object.keys(loadErrors) as readonly LoadErrorCode[];
