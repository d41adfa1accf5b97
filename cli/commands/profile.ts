import type { Command } from 'commander';
import { exitCodes } from '../exit-code';
import { lazyProfile } from '../lazy';
import { UsageError } from '../usage-error';
import type { ProfileOptions } from '../../activities/profile';
import type { RunBody } from '../cli-context';

/** How a sample file is read, as written on the command line. */
export interface SampleFlags {
  readonly format?: string;
  readonly delimiter?: string;
  readonly quote?: string;
  readonly header?: boolean;
}

interface Flags extends SampleFlags {
  readonly name?: string;
  readonly table?: string;
  readonly typescript?: boolean;
}

/** Declares `profile`. */
export function addProfile(program: Command, run: RunBody): void {
  const command = program
    .command('profile')
    .argument('<file>', 'a sample: CSV, TSV, NDJSON or Parquet, as it will be loaded')
    .description('propose a contract from a sample file, with a reason for each column')
    .option('--name <name>', "the contract's name (default: the name of the file)")
    .option('--table <warehouse/schema.table>', 'the table (default: analytics/public.<name>)')
    .option('--typescript', 'print a TypeScript module (default: YAML)');
  addSampleFlags(command)
    .addHelpText('after', '\nThe file is read as a whole. Values of its rows are never printed.')
    .action((file: string, flags: Flags) =>
      run(async ({ terminal }) => {
        const { profileFile, contractAsTypeScript, contractAsYaml } = lazyProfile();
        const { name, table } = flags;
        const profile = await profileFile(file, {
          ...sampleOptions(flags),
          ...(name && { name }),
          ...(table && { table }),
        });
        terminal.result(profile, () => (flags.typescript ? contractAsTypeScript : contractAsYaml)(profile, file));
        return exitCodes.ok;
      }),
    );
}

/** Declares the options that say how a sample is read. */
export function addSampleFlags(command: Command): Command {
  return command
    .option('--format <format>', 'csv | ndjson | parquet (default: by the ending of the file)')
    .option('--delimiter <character>', 'between the fields of a text file (default: found out)')
    .option('--quote <character>', 'around the fields of a text file (default: found out)')
    .option('--header', 'the first line names the columns (default: found out)')
    .option('--no-header', 'the first line is a row');
}

/** What the options say. @throws `UsageError` */
export function sampleOptions({ format, delimiter, quote, header }: SampleFlags): ProfileOptions {
  const csv = {
    ...(delimiter === undefined ? {} : { delimiter: delimiter === '\\t' ? '\t' : delimiter }),
    ...(quote === undefined ? {} : { quote }),
    ...(header === undefined ? {} : { header }),
  };
  if (format !== undefined && format !== 'csv' && format !== 'ndjson' && format !== 'parquet')
    throw new UsageError(`--format ${format} is unknown.`, 'Say csv, ndjson or parquet.');
  return { ...(format === undefined ? {} : { format }), ...(Object.keys(csv).length > 0 ? { csv } : {}) };
}
