import path from 'node:path';
import { exitCodes, type ExitCode } from '../exit-code';
import { reportFolder, wantedReport, writeFiles, type WantedReport } from '../reports/write-reports';
import { fields, paint } from '../terminal';
import { htmlReport } from './html/page';
import { markdownLoadReport } from './markdown';
import { readReport } from './read-report';
import { checksText, stateWords } from './words';
import type { CliContext } from '../cli-context';
import type { ReportFlags } from '../commands/loads-report';
import type { LoadReport } from './load-report';

const makers = { html: htmlReport, markdown: markdownLoadReport } as const;
const endings = { html: 'html', markdown: 'md' } as const;
type Kind = keyof typeof makers;

/** Writes the reports of one load that are asked for, and tells where they are. */
export async function writeLoadReport(asked: string, flags: ReportFlags, context: CliContext): Promise<ExitCode> {
  const { json } = context.terminal;
  const wanted = (flags.report ?? (json ? [] : ['html'])).map((text) => wantedReport<Kind>(text, ['html', 'markdown']));
  const { contracts } = await context.config();
  const report = await readReport(await context.warehouse(flags.warehouse), asked, contracts.values());
  const files = new Map(wanted.map((one) => [placeOf(one, report, flags.output), makers[one.kind](report)]));
  await writeFiles(files);
  context.terminal.result(report, (columns) => told(report, [...files.keys()], columns));
  return exitCodes.ok;
}

function placeOf({ kind, path: to }: WantedReport<Kind>, { loadId, loadKey }: LoadReport, folder = reportFolder) {
  // A key is no name of a file.
  const name = loadId ?? loadKey.replace(/[^A-Za-z0-9._-]+/g, '-').slice(0, 150);
  return to ?? path.join(folder, `${name}.${endings[kind]}`);
}

function told(report: LoadReport, files: readonly string[], columns: number): string {
  const { pipeline, state, loadKey, tables } = report;
  const checks = checksText(tables.flatMap((table) => table.checks));
  const entries = [
    ['load key', loadKey],
    ['state', stateWords[state]],
    ['checks', checks || undefined],
    ['written', files.join('\n')],
  ] as const;
  return [`${paint.green('✓ report')}  ${paint.bold(pipeline)}`, fields(entries, '  ', columns)].join('\n\n');
}
