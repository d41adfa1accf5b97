import { loadFailure } from '../../../workflows/load-error';
import type { ManifestFile } from '../../sources/manifest';
import type { StepContext } from '../warehouse';
import type { Session } from './client';
import { classifyPostgresError } from './errors';
import { ident, literal } from './sql';
import type { StageColumn } from './stage-columns';

/** One rewrite of the stage turns formatted text into values; well-formedness is checked first, to name the column. */
export async function castFormats(
  tx: Session,
  stage: string,
  columns: readonly StageColumn[],
  extras: readonly string[],
  files: readonly ManifestFile[],
  context: StepContext,
): Promise<void> {
  const drops = extras.map((name) => `DROP COLUMN ${ident(name)}`);
  const formatted = columns.filter((c) => c.format);
  if (formatted.length) {
    context.progress({ step: 'stage', detail: 'reading formats' });
    const counts = formatted.map(
      (c, i) => `count(*) FILTER (WHERE ${ident(c.name)} !~ ${literal(c.format!.pattern)}) AS "c${i}"`,
    );
    counts.push('count(*) AS rows');
    const [bad] = await tx.rows<Record<string, string>>('stage:formats', `SELECT ${counts.join(', ')} FROM ${stage}`);
    formatted.forEach((c, i) => {
      const n = Number(bad?.[`c${i}`]);
      if (n > 0) throw notInFormat(c, files, `${n} of ${bad?.['rows']} rows of another form`);
    });
  }
  const casts = formatted.map(
    (c) => `ALTER COLUMN ${ident(c.name)} TYPE ${c.type} USING ${c.format!.cast(ident(c.name))}`,
  );
  if (casts.length + drops.length === 0) return;
  await tx.run('stage:cast', 'SAVEPOINT casts');
  try {
    await tx.run('stage:cast', `ALTER TABLE ${stage} ${[...casts, ...drops].join(', ')}`);
  } catch (error) {
    throw (await misfit(tx, stage, formatted, files, error)) ?? error;
  }
}

/** Finds the column whose text has the format and yet is no value, such as the 31st of February. */
async function misfit(
  tx: Session,
  stage: string,
  formatted: readonly StageColumn[],
  files: readonly ManifestFile[],
  error: unknown,
): Promise<Error | null> {
  if (classifyPostgresError(error) !== 'InvalidValue') return null;
  for (const c of formatted) {
    await tx.run('stage:cast', 'ROLLBACK TO SAVEPOINT casts');
    try {
      await tx.rows('stage:misfit', `SELECT count(${c.format!.cast(ident(c.name))}) FROM ${stage}`);
    } catch {
      return notInFormat(c, files, `text of that form that is no ${c.type}`);
    }
  }
  return null;
}

function notInFormat(column: StageColumn, files: readonly ManifestFile[], got: string): Error {
  // Of several files the stage no longer tells which one a row is from.
  const [file, ...others] = files;
  const where = file && !others.length ? `${file.path}, ` : '';
  return loadFailure('InvalidValue', {
    object: `${where}column ${column.from}`,
    expected: `${column.type} written as ${column.format!.written}`,
    got,
  });
}
