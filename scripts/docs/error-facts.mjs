// What the page of an error code says beside its meaning and its remedy: when it happens, and the facts of an example
// as the product makes them. Every code has an entry: `npm run docs` refuses to go on without one.
const key = 'v1/orders-daily/analytics.public.orders/2026-11-22..2026-11-23';
const table = 'analytics.public.orders';

export const errorFacts = {
  InvalidRequest: {
    when: 'At once, when a load is asked for: by `load`, by `loadline run` and `plan`, or by JSON from the Temporal CLI. Also for an interval, a glob or an option that cannot be meant.',
    example: {
      object: 'orders-daily.mode',
      expected: 'append, merge, insert-only, replace, replace-partition',
      got: 'upsert',
    },
  },
  InvalidConfig: {
    when: 'When `loadline.config.ts`, or what it refers to, is read: at the start of a worker or a command.',
    example: {
      object: 'loadline.config.ts warehouses.analytics.url',
      expected: 'a URL that starts with postgres://',
      got: 'another text in the variable DATABASE_URL',
      remedy: 'Correct the variable or the file.',
    },
  },
  ConfigNotFound: {
    when: 'When a command finds no configuration in its folder or above it.',
    example: { object: '/home/me/shop', expected: 'loadline.config.ts here or in a folder above', got: 'none' },
  },
  WorkflowsNotBundled: {
    when: "When a worker starts, or starts again in `loadline dev`, and bundles your workflows for Temporal's sandbox.",
    example: {
      object: 'workflows/orders.ts:14',
      got: 'an import of node:fs, which workflows have not',
      remedy: 'Correct the named line. What needs Node, files or the network belongs in an activity.',
    },
  },
  SecretMissing: {
    when: 'When a worker or a command opens what the secret is for. The configuration alone can be read without it.',
    example: {
      object: 'warehouses.analytics.url',
      expected: 'the variable DATABASE_URL',
      got: 'no such variable',
      remedy: 'Set DATABASE_URL where this runs, or write it into the file .env beside the configuration.',
    },
  },
  InvalidContract: {
    when: 'When the configuration is read, or when a contract is given to `defineConfig`.',
    example: {
      object: 'contracts/orders.yml:7:5 columns.amount.type',
      expected: 'a type such as text, bigint, decimal(12,2), date, timestamptz',
      got: '"money"',
    },
  },
  UnknownContract: {
    when: 'At once, when `into` or `--load` names a contract that the configuration of the worker does not hold. A typo in TypeScript does not compile where `register.d.ts` is set up.',
    example: { object: 'order', expected: 'one of orders, customers', remedy: 'Did you mean "orders"?' },
  },
  UnknownStore: {
    when: 'At once, when `files(…)` or `--from` names a store that the configuration does not hold.',
    example: { object: 'rwa', expected: 'one of raw', remedy: 'Did you mean "raw"?' },
  },
  UnknownWarehouse: {
    when: 'When a contract’s `table`, or a program that asks the ledger, names a warehouse that the configuration does not hold.',
    example: { object: 'analytcs', expected: 'one of analytics', remedy: 'Did you mean "analytics"?' },
  },
  UnknownWorkflow: {
    when: 'When `loadline run` names a workflow that is neither exported by the module `worker.workflows` nor ready-made, or a schedule does that is planned or applied. Nothing is started: Temporal would try such a run for ever.',
    example: {
      object: 'schedules.orders-nightly.workflow',
      expected: 'one of ordersDaily, loadTable, retryQuarantine, sweepStages',
      got: '"ordersDialy"',
      remedy: 'Did you mean "ordersDaily"?',
    },
  },
  SourceNotFound: {
    when: 'In **extract**, when the store’s root or a path without wildcards does not exist on the worker’s machine. A glob that matches nothing is `NoFilesMatched`.',
    example: { object: 'raw/orders/2026-11-22.csv' },
  },
  NoFilesMatched: {
    when: 'In **extract**, when the glob matches no file. It is an error, because a delivery that is late looks the same.',
    example: {
      object: 'raw:orders/2026-11-22/*.csv',
      expected: 'a file under /data/raw that matches orders/2026-11-22/*.csv',
      got: 'none',
    },
  },
  SourceUnreadable: {
    when: 'In **extract** or **stage**, when the operating system refuses to let the worker read a file or a folder.',
    example: { object: 'raw/orders/2026-11-22/a.csv' },
  },
  SourceChanged: {
    when: 'In **extract** or **stage**, when a file is no longer what it was when it was listed. The workflow extracts again by itself, up to ten times; after that the load fails.',
    example: { object: 'raw/orders/2026-11-22/a.csv' },
  },
  CorruptFile: {
    when: 'In **extract** or **stage**, when a packed file or a Parquet file ends early, is damaged, or is not what its ending says.',
    example: { object: 'raw/orders/2026-11-22/a.csv.gz', expected: 'a complete gzip file', got: 'one that ends early' },
  },
  UnsupportedFormat: {
    when: 'In **extract**, when neither the file’s ending nor the option `format` names a format that can be read, or when a load has files of several formats. ORC, Avro, Arrow, workbooks, XML, JSON documents and other packings than gzip and zstd are refused with a command that converts them.',
    example: {
      what: 'The files of one load have several formats.',
      object: 'raw/orders/b.parquet',
      expected: 'CSV',
      got: 'Parquet',
      remedy: 'Narrow the glob to one format, or load each format on its own.',
    },
  },
  MalformedJson: {
    when: 'In **stage**, when a line of an NDJSON file is not one object.',
    example: {
      object: 'raw/events/a.ndjson',
      expected: 'one JSON object a line',
      got: 'something else in line 17, byte 42',
    },
  },
  RowTooLong: {
    when: 'In **stage**, when a line or a value is longer than the reader or the database has room for.',
    example: {
      object: 'raw/events/a.ndjson',
      expected: 'lines of at most 67108864 bytes',
      got: 'a longer one in line 3',
    },
  },
  TooManyColumns: {
    when: 'In **stage**, when the file and the contract together have more columns than a table of the database can.',
    example: {
      object: 'contract orders',
      expected: 'at most 1600 columns, with those of the file that are ignored',
      got: '1712',
    },
  },
  RaggedRow: {
    when: 'In **stage**, when a line of a text file has another number of fields than its header, which usually means a wrong delimiter or a quote that is never closed.',
    example: { object: 'raw/orders/2026-11-22/a.csv', got: 'line 1204 (SQLSTATE 22P04)' },
  },
  InvalidEncoding: {
    when: 'In **extract** or **stage**, when bytes of a text file are not UTF-8.',
    example: { object: 'raw/orders/2026-11-22/a.csv', expected: 'UTF-8', got: 'the byte-order mark of UTF-16' },
  },
  InvalidValue: {
    when: 'In **stage**, when a text cannot be read as the column’s type or format. The value itself is never shown.',
    example: { object: 'column Date', expected: 'date written as dd.MM.yyyy', got: '1 of 10 rows of another form' },
  },
  MissingColumn: {
    when: 'In **extract**, before anything is read into the warehouse, when a column of the contract is not in a file’s header; for NDJSON in **stage**, when no row has the field.',
    example: {
      object: 'orders/2026-11-22/a.csv: Order ID',
      expected: 'columns of contract orders',
      got: 'OrderId, amount, Date, Updated At',
      remedy: 'Did you mean "OrderId"? Correct the contract\'s `from`.',
    },
  },
  UnknownColumn: {
    when: 'In **extract**, when a file has a column that the contract does not name and `extraColumns` is `refuse`, its default; for NDJSON in **stage**.',
    example: { object: 'orders/2026-11-22/a.csv: Voucher', expected: 'columns of contract orders' },
  },
  BatchMissing: {
    when: 'In **stage** or later, when the manifest or a file of the batch is gone from the worker’s state folder or its store: the folder was cleaned, or the worker that took over does not share it. Also when a batch of an earlier receipt is loaded again, and its store no longer has a file as it was.',
    example: { object: '/var/lib/loadline/batches/ab12.json' },
  },
  BatchChanged: {
    when: "In **extract**, when this load key is applied and the source now holds other content; or when `identity: 'path'` is set and a known path holds other content.",
    example: { object: table, expected: 'content of generation 1', got: 'other content', loadKey: key },
  },
  NullKey: {
    when: 'In **audit**, when rows lack a value in a column of the contract’s `key`.',
    example: { object: 'orders.order_id', got: '3 of 1200 rows break key of order_id' },
  },
  NullValue: {
    when: 'In **audit**, when rows lack a value in a column with `notNull`.',
    example: { object: 'orders.amount', got: '3 of 1200 rows break notNull of amount' },
  },
  OutOfRange: {
    when: 'In **audit**, when values lie outside a column’s `range`.',
    example: { object: 'orders.amount', got: '67 of 1200 rows break range of amount' },
  },
  NotUnique: {
    when: 'In **audit**, and again in **publish** when the table has moved since, when a column with `unique` holds a value twice, in the batch or together with the table.',
    example: { object: 'orders.invoice', got: '2 values in several rows of the batch' },
  },
  ConflictingDuplicates: {
    when: 'In **audit**, when rows of the batch have one key and different values, and the contract does not say by `newest` which of them counts. Rows that are equal in full are collapsed and no error.',
    example: { object: table, got: '4 keys with several values' },
  },
  RowCount: {
    when: 'In **audit**, when the batch has fewer rows than the contract’s `rows.min` or more than `rows.max`.',
    example: { object: 'orders', expected: '1000 to any number of rows', got: '12' },
  },
  CheckFailed: {
    when: 'In the audit, before anything is written: by checks of kind `accepted`, `pattern`, `length`, `sql`, `references`, `freshness`, `sum` and `rows.change` with severity `fail`, or when more rows than `failAbove` break one. Also the code of their warnings. The message names every check that failed, with counts and without values.',
    example: {
      object: 'orders.checks.paid-in-time',
      expected: 'paid_at >= ordered_at',
      got: '3 of 1200 rows that break it',
    },
  },
  InvalidCheck: {
    when: 'When a load is opened, and nothing of it was read: the warehouse does not understand the SQL of a check, knows no such table, or a function in it writes or answers otherwise each time. Also in the audit, when the SQL fails on a row, as a division by zero does.',
    example: {
      object: 'orders checks.paid-in-time',
      expected: 'a condition on one row',
      got: 'column "paid_att" does not exist',
    },
  },
  RowsOutsidePartition: {
    when: 'In **audit**, in mode `replace-partition`, when rows belong to a partition that the load does not replace: they would be added to rows that stay.',
    example: {
      object: 'orders.ordered_on',
      expected: '1 partitions from 2026-11-22 to 2026-11-23',
      got: '17 rows outside',
    },
  },
  EmptyPartition: {
    when: 'In **publish**, in mode `replace-partition`, when a partition that holds rows would be left without any.',
    example: { object: `${table}.ordered_on`, got: '1 partition without rows, first 2026-11-22' },
  },
  EmptyReplace: {
    when: 'In **publish**, in mode `replace`, when the batch has no row that can be loaded.',
    example: { object: table },
  },
  TargetNotFound: {
    when: "In **open**, when the table does not exist and the contract does not say `create: 'if-missing'`, or when its schema does not exist.",
    example: { object: 'public.orders', got: 'no such table' },
  },
  TargetNotATable: {
    when: 'In **open**, when the name belongs to a view, a materialised view or a foreign table.',
    example: { object: 'analytics.public.orders_view' },
  },
  SchemaMismatch: {
    when: 'In **open**, when the table lacks a column of the contract, or has it in a type that the contract’s type does not fit.',
    example: { object: `${table}.amount`, expected: 'decimal(12,2)', got: 'integer' },
  },
  SchemaMoved: {
    when: 'In **publish**, when the table was altered or dropped after the load was opened. The workflow opens the load again by itself, up to ten times.',
    example: { object: table },
  },
  NoPartition: {
    when: 'In **publish**, when the target is partitioned and no partition takes a row.',
    example: { object: 'public.orders', got: 'SQLSTATE 23514' },
  },
  KeyExists: {
    when: 'In **publish**, when a row breaks a primary key or a unique index of the table; mostly in mode `append`.',
    example: { object: 'public.orders.orders_pkey', got: 'SQLSTATE 23505' },
  },
  ConstraintViolated: {
    when: 'In **publish**, when a check, a foreign key, a NOT NULL or a trigger of the table refuses a row.',
    example: { object: 'public.orders.orders_amount_check', got: 'SQLSTATE 23514' },
  },
  NotReversible: {
    when: 'When a load is reprocessed or rolled back whose mode cannot undo what it did: `merge` and `insert-only` overwrite or skip, and an `append` without the column `_loadline_load_id` cannot find its rows again. Nothing was changed.',
    example: { object: table, loadKey: key, got: `merge into ${table}` },
  },
  NotSupported: {
    when: 'When a load or a command asks a warehouse for what its adapter does not do in this release: `capabilities` tells. Nothing was written.',
    example: { object: 'warehouse analytics', got: 'dedup over a window' },
  },
  OutOfOrder: {
    when: 'In **publish**, when a newer interval of the table is applied and nothing says which of two rows is newer.',
    example: {
      object: table,
      loadKey: key,
      expected: 'an interval from 2026-11-23T00:00:00Z or later',
      got: '2026-11-22T00:00:00.000Z',
    },
  },
  PermissionDenied: {
    when: 'In any step, when the database role lacks a right; also when row security would hide rows of the table from it.',
    example: { object: 'public.orders', got: 'permission denied for table orders (SQLSTATE 42501)' },
  },
  LoadInProgress: {
    when: 'In **open**, when another workflow holds a live claim of this load key. The activity waits and tries again; nothing was claimed.',
    example: { object: key, loadKey: key, got: 'workflow orders-by-hand' },
  },
  Fenced: {
    when: 'In any step, when a newer attempt, a rollback or an abandon has taken a higher fence for this load key. This is the protection against an attempt that was thought dead.',
    example: { object: key, loadKey: key, expected: 'fence 3, state open', got: 'fence 4, state open' },
  },
  Rejected: {
    when: 'In **open**, **extract** or **publish**, when the ledger says that the load was rejected (`loadline held reject`, or a hold whose time was over). Without an interval: when there is no file but rejected ones.',
    example: { object: key, loadKey: key },
  },
  VerdictRefused: {
    when: 'When the Update `verdict` is sent, by `loadline held …`, by the Temporal CLI or by the UI, and nothing is held, somebody has decided already, the verdict is none or cannot be carried out, or nobody signed it. Nothing has changed.',
    example: { object: key, expected: 'a load that is held', got: 'one that ann has decided: release' },
  },
  RolledBack: {
    when: 'In **open** or **publish**, when this load was rolled back and nobody asked for a new generation.',
    example: { object: key, loadKey: key },
  },
  StageLost: {
    when: 'In **audit** or **publish**, when the stage is gone or has fewer rows than were staged: PostgreSQL empties it after a crash. The workflow stages again by itself, up to ten times.',
    example: { object: table, expected: '1200 rows', got: '0' },
  },
  SourceOverlap: {
    when: 'In **publish**, for a load without an interval, when another load has loaded one of the same files meanwhile. The workflow extracts again without them.',
    example: { object: table },
  },
  PublishSetChanged: {
    when: 'In **publish**, when a workflow that calls the steps itself hands in other stages than `open` asked for; or in **extract**, when one table of a set is loaded already and others are not.',
    example: { object: key, expected: '2 targets', got: 'stages of targets 0' },
  },
  LockRowMissing: {
    when: 'In **publish**, when somebody has deleted from Loadline’s own schema.',
    example: { object: table },
  },
  LockBusy: {
    when: 'In **publish**, when another transaction holds a lock on the table for longer than `lockTimeout`. It is tried again until the lock is free.',
    example: { object: 'database', got: 'SQLSTATE 55P03' },
  },
  CommitOutcomeUnknown: {
    when: 'In **publish**, when the connection breaks while COMMIT is under way. The next attempt finds the receipt in the ledger, or publishes.',
    example: { object: 'COMMIT' },
  },
  SessionLost: {
    when: 'In any step, when the server ends the session: a restart, a time-out, a deadlock, an administrator. It is tried again.',
    example: { object: 'database', got: 'SQLSTATE 57P01' },
  },
  LedgerTooNew: {
    when: 'In **open**, when a newer release of Loadline has already worked on this database. Nothing was staged.',
    example: { object: '"_loadline"."meta"', expected: 'version 2 or older', got: 'version 3' },
  },
  LoadStillApplied: {
    when: 'When `loadline loads abandon` is given a load that is applied.',
    example: { object: key, loadKey: key },
  },
  LoadNotApplied: {
    when: 'When `loadline loads rollback` is given a load that is not applied.',
    example: { object: key, loadKey: key },
  },
  LoadApplied: {
    when: 'When `loadline loads adopt` is given a load key that is applied.',
    example: { object: key, loadKey: key },
  },
  LoadNotFound: {
    when: 'When `loadline loads show`, `abandon` or `rollback` is given a load key or a load id that the ledger does not hold.',
    example: { object: 'v1/orders-daily/analytics.public.orders/2026-11-31' },
  },
  NotRetryable: {
    when: 'When `loadline quarantine retry` or `export` is asked for rows that cannot be loaded by themselves: no row of the load is open; the load replaced a table or a partition, whose place is the whole batch; it was rolled back, or a newer generation has taken its place; or values of the rows are masked. Nothing was changed.',
    example: {
      object: key,
      loadKey: key,
      got: `replace into ${table}: the table holds just one batch`,
      remedy: 'Correct the source and load it again.',
    },
  },
  RowDecided: {
    when: 'When repaired rows are handed in, and in **publish** of their load, if somebody has repaired or discarded one of them meanwhile. Nothing was loaded: no row comes twice.',
    example: { object: key, loadKey: key, got: 'row 9f86d081884c7d65-1, which is repaired' },
  },
  InvalidHistory: {
    when: 'When `loadline replay`, `loadline history check` or a program reads a file that was exported decoded, is a dump of objects, or lacks events.',
    example: {
      object: 'histories/orders-daily.json',
      expected: 'payloads as they are stored, in base64',
      got: 'decoded ones, such as workflowExecutionStartedEventAttributes.input of event 1',
    },
  },
  NoHistories: {
    when: 'When `loadline replay` finds no history at all, neither in files nor on the server: nothing is known then, which is not the same as good. Exit code 5.',
    example: { object: 'histories', expected: 'at least one history', got: 'none' },
  },
  ReplayerBroken: {
    when: 'Before anything is judged: `loadline replay` first replays a good history and bad ones of its own. If the good one fails or a bad one passes, no verdict would mean anything.',
    example: {
      object: 'the bundle',
      expected: 'a history that asks for another load key to be found changed',
      got: 'one that was found good',
    },
  },
  ReplayFailed: {
    when: 'While a history is replayed: the bundle has no such workflow, its payloads cannot be read, or the code throws where it did not.',
    example: {
      object: 'orders-2026-11-22',
      expected: 'a workflow ordersDaily in the bundle',
      got: 'loadTable, retryQuarantine, sweepStages',
    },
  },
  Nondeterminism: {
    when: 'While a history is replayed: the code makes another command than the event that is named, or none.',
    example: {
      object: 'orders-2026-11-22',
      expected: 'ActivityTaskScheduled loadline.stage, event 11',
      got: 'the activity loadline.audit',
    },
  },
  LoadKeyChanged: {
    when: 'While a history is replayed. The SDK compares no inputs: such a change replays green, running workflows go on, and every later run opens a key that no receipt is under.',
    example: { object: 'orders-2026-11-22', expected: 'pipeline "orders-daily"', got: 'pipeline "orders"' },
  },
  LoadRequestChanged: {
    when: 'While a history is replayed: something of the request that is no part of its load key is another now. A warning.',
    example: { object: 'orders-2026-11-22', expected: 'mode as in event 5', got: 'another' },
  },
  TimerChanged: {
    when: 'While a history is replayed: a timer has the same place in the code and another length. A warning.',
    example: { object: 'orders-2026-11-22', expected: 'a timer of 24 h', got: 'one of 48 h' },
  },
  BuildNotPolling: {
    when: 'When `loadline deploy` or `rollback` asks a build for a sign of life: a run that only its workers can take. The server lists the pollers of a worker that was killed for minutes, so that a list proves nothing. A ramp of the build is taken back.',
    example: {
      object: 'orders / 4f2c1ab, task queue loadline, namespace default',
      expected: 'an answer of a worker of this build within 300 s',
      got: 'none has ever polled',
    },
  },
  DeployConflict: {
    when: 'When `loadline deploy` or `rollback` finds that new runs go elsewhere than when it last looked, and when another build is ramped. It never overwrites what somebody else has set.',
    example: {
      object: 'orders',
      expected: 'current 9be01c2, 4f2c1ab at 10 %',
      got: 'current 9be01c2, 4f2c1ab at 33 %',
    },
  },
  CredentialsRejected: {
    when: 'When the database is connected to.',
    example: { object: 'db.internal:5432/analytics', got: 'SQLSTATE 28P01' },
  },
  DatabaseNotFound: {
    when: 'When the database is connected to.',
    example: { object: 'db.internal:5432/analytcs', got: 'SQLSTATE 3D000' },
  },
  TlsRefused: {
    when: 'When the database is connected to, and it speaks no TLS or shows a certificate that is not trusted, has expired or is for another name. It is tried a few times.',
    example: { object: 'db.internal:5432/analytics', got: 'CERT_HAS_EXPIRED' },
  },
  WarehouseUnreachable: {
    when: 'When the database is connected to: nobody listens, the name is unknown, or the network refuses. It is tried again.',
    example: { object: 'db.internal:5432/analytics', got: 'ECONNREFUSED' },
  },
  WarehouseBusy: {
    when: 'When the database has no connection left, or is starting up or shutting down. It is tried again.',
    example: { object: 'db.internal:5432/analytics', got: 'SQLSTATE 53300' },
  },
  WarehouseReadOnly: {
    when: 'In any step that writes, when the server is a standby or was made read-only. It is tried again.',
    example: { object: 'database', got: 'SQLSTATE 25006' },
  },
  WarehouseFull: {
    when: 'In any step that writes, when the server runs out of disk or memory. It is tried again.',
    example: { object: 'database', got: 'SQLSTATE 53100' },
  },
  WorkerFull: {
    when: 'In any step, when the worker cannot write to its state folder or its temporary folder, or may open no more files. It is tried again.',
    example: { object: '/var/lib/loadline/batches', got: 'ENOSPC' },
  },
  WarehouseError: {
    when: 'In any step, for an error of the database that no other code covers.',
    example: { object: 'database', got: 'could not … (SQLSTATE XX000)' },
  },
  StoreUnreachable: {
    when: 'When a store of objects is listed, read or written: nobody listens, the name is unknown, the connection is cut, or the store asks for fewer requests. The client has tried several times by then, and the step is tried again.',
    example: { object: 'raw/orders/2026-11-22/a.csv', got: 'SlowDown, HTTP 503' },
  },
  TemporalUnreachable: {
    when: 'When a worker, a program or a command connects to Temporal; also for a namespace that does not exist.',
    example: {
      object: '127.0.0.1:7233',
      expected: 'a Temporal server at this address',
      got: 'Failed to connect before the deadline',
    },
  },
  NoWorker: {
    when: 'When `loadline run` finds that nobody polls the task queue. Nothing was started; `--detach` starts all the same.',
    example: {
      object: 'task queue loadline, namespace default',
      expected: 'a worker that polls it',
      got: 'none',
      remedy:
        'Start `loadline worker` or `loadline dev`; or start the load now with --detach, and it waits for a worker.',
    },
  },
  ToolUnavailable: {
    when: 'When `loadline dev` or the testing kit starts a server of its own.',
    example: {
      what: 'The cache folder cannot be written to.',
      object: '/home/me/.cache/loadline',
      got: 'Error: EACCES: permission denied',
      remedy: 'Set LOADLINE_CACHE to a folder that can be, or install the Temporal CLI yourself.',
    },
  },
  PortInUse: {
    when: 'When an embedded server is to listen on a port that was chosen for it, and another program has it.',
    example: { what: 'The port chosen for the Temporal UI is in use.', object: '127.0.0.1:8233' },
  },
  StateInUse: {
    when: 'When a second `loadline dev` is started on one state folder.',
    example: {
      what: '`loadline dev` is running here already.',
      object: '.loadline',
      got: 'process 4711',
      remedy:
        'Use that one: it follows changes by itself. For a second one choose another `state` in the configuration.',
    },
  },
  NameClash: {
    when: 'When a worker is made with the plugin and an activity whose name starts with `loadline.`.',
    example: { object: 'loadline.publish' },
  },
  HistoryNotReplayable: {
    when: 'When `loadline history record` replays a run before it redacts it, and the workflow code here goes another way.',
    example: {
      object: 'orders-2026-11-22',
      expected: 'a run of the code here',
      got: 'code that asks for another load at event 5',
    },
  },
  HistoryNotRedactable: {
    when: 'When `loadline history record` finds that the workflow decides by a secret, an address or an absolute path, or that payloads are encrypted.',
    example: {
      object: 'orders-2026-11-22',
      expected: 'commands that do not depend on what must not be shown',
      got: 'an e-mail address in customer',
    },
  },
  LoadCancelled: {
    when: 'When the workflow is cancelled before its publish has committed. A cancel that comes later returns the receipt.',
    example: { object: key },
  },
  Unexpected: {
    when: 'In any step, for an error that no other code covers: a bug, or a surprise of the machine. It is tried a few times.',
    example: { object: 'TypeError', got: 'TypeError at stageBatch (stage.js:31:9)' },
  },
};
