import { randomUUID } from 'node:crypto';
import type { Engine } from './engine';
import { own } from './engine';
import { raw, sql, type Guard, type UnitStatement } from './port';
import type { Publish } from './publish-checks';
import { joined, portions } from './rows';

const columns = ['file_id', 'sha256', 'path', 'bytes', 'identity'] as const;

/**
 * Notes the files of a load before its unit, in portions that a statement may bind; the unit then takes all of them at once.
 * Resolves to how they are found again; `null`: the load is not known by its files.
 */
export async function noteFiles({ engine, open, stages }: Publish): Promise<string | null> {
  if (open.identity !== 'files') return null;
  const token = randomUUID();
  const { dialect, names } = engine;
  for (const { audited, manifest } of stages) {
    const { target } = open.targets[audited.index]!;
    for (const some of portions(manifest.files, 100)) {
      const rows = some.map(
        (f) =>
          sql`SELECT ${token}, ${target}, ${raw(dialect.now)}, ${f.fileId}, ${f.sha256}, ${f.path}, ${raw(String(f.bytes))}, ${
            f.identity === null ? sql`CAST(NULL AS ${raw(dialect.own.text)})` : sql`${f.identity}`
          }`,
      );
      await engine.backend.run(
        'files',
        sql`INSERT INTO ${raw(names.incoming_files)} (${own(engine, 'token', 'target', 'at', ...columns)}) ${joined(rows, ' UNION ALL ')}`,
      );
    }
  }
  return token;
}

/** All of them are there still. */
export function filesNoted({ engine, stages }: Publish, token: string | null): Guard[] {
  if (token === null) return [];
  const files = stages.reduce((sum, s) => sum + s.manifest.files.length, 0);
  return [
    {
      code: 'FilesMoved',
      holds: sql`SELECT COUNT(*) = ${raw(String(files))} AS ${own(engine, 'holds')} FROM ${raw(engine.names.incoming_files)}
        WHERE ${own(engine, 'token')} = ${token}`,
    },
  ];
}

/** The files of the load, as its own from now on. */
export function takeFiles({ engine, open }: Publish, token: string | null): UnitStatement[] {
  if (token === null) return [];
  return [{ name: 'files', kind: 'change', sql: takenFiles(engine, open.loadId, token) }];
}

export const takenFiles = (engine: Engine, loadId: string, token: string) =>
  sql`INSERT INTO ${raw(engine.names.files)} (${own(engine, 'target', 'load_id', ...columns)})
      SELECT ${own(engine, 'target')}, ${loadId}, ${own(engine, ...columns)} FROM ${raw(engine.names.incoming_files)}
      WHERE ${own(engine, 'token')} = ${token}`;
