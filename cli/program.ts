import { Command, CommanderError } from 'commander';
import { addCheck } from './commands/check';
import { addDeploy, addRollback } from './commands/deploy';
import { addCi } from './commands/ci';
import { addDev, addWorker } from './commands/serve';
import { addDoctor } from './commands/doctor';
import { addExplain } from './commands/explain';
import { addHeld } from './commands/held';
import { addHistory } from './commands/history';
import { addInit } from './commands/init';
import { addLoads } from './commands/loads';
import { addPlan } from './commands/plan';
import { addProfile } from './commands/profile';
import { addProvision } from './commands/provision';
import { addQuarantine } from './commands/quarantine';
import { addReplay } from './commands/replay';
import { addRun } from './commands/run';
import { addSchedules } from './commands/schedules';
import { contextOf, type GlobalOptions, type RunBody } from './cli-context';
import { exitCodes, type ExitCode } from './exit-code';
import { ownVersion } from './own-package';
import { printError } from './print-error';
import { terminalOf, type Streams } from './terminal';
import { UsageError } from './usage-error';

/** Runs the command line. Resolves to the exit code; prints every error itself. */
export async function runCli(args: readonly string[], streams: Streams = process): Promise<ExitCode> {
  let code: ExitCode = exitCodes.ok;
  const run: RunBody = async (body) => {
    const globals = program.opts<GlobalOptions>();
    const context = contextOf(globals, terminalOf(streams, flagsOf(globals)));
    try {
      code = await body(context);
    } finally {
      await context.close();
    }
  };
  const program = commandLine(streams, run);
  try {
    await program.parseAsync([...args], { from: 'user' });
    return code;
  } catch (error) {
    return tell(error, args, streams, program);
  }
}

/** Every command with its options, each of which ends in `run`. */
export function commandLine(streams: Streams, run: RunBody): Command {
  const program = makeProgram(streams);
  for (const add of [
    addInit,
    addDev,
    addWorker,
    addRun,
    addPlan,
    addLoads,
    addQuarantine,
    addHeld,
    addCheck,
    addReplay,
    addHistory,
    addCi,
    addProfile,
    addSchedules,
    addProvision,
    addDeploy,
    addRollback,
    addDoctor,
    addExplain,
  ])
    add(program, run);
  return program;
}

function makeProgram(streams: Streams): Command {
  return new Command('loadline')
    .description('Exactly-once loads into data warehouses, as Temporal workflows.')
    .option('-c, --config <file>', 'the configuration (default: the nearest loadline.config.ts)')
    .option('--profile <name>', 'a profile of the configuration (default: LOADLINE_PROFILE)')
    .option('--address <host:port>', 'the Temporal server')
    .option('--namespace <name>', 'the Temporal namespace')
    .option('--json', 'print one JSON object on stdout, and nothing else there')
    .option('-v, --verbose', 'show the stack of an error')
    .version(ownVersion(), '--version', 'print the version')
    .helpOption('-h, --help', 'tell how a command is called')
    .exitOverride()
    .configureOutput({
      writeOut: (text) => void streams.stdout.write(text),
      writeErr: (text) => void streams.stderr.write(text),
      outputError: () => undefined,
    })
    .addHelpText('after', exitCodeHelp);
}

const exitCodeHelp = `
Exit codes: 0 loaded, already loaded or nothing to load · 1 failed · 2 wrong use · 3 held · 4 rejected
            5 insufficient evidence · 130 no longer waiting, after Ctrl-C`;

function tell(error: unknown, args: readonly string[], streams: Streams, program: Command): ExitCode {
  // Arguments that could not be parsed may still have asked for JSON.
  const flags = { json: args.includes('--json'), verbose: args.includes('--verbose') || args.includes('-v') };
  const terminal = terminalOf(streams, flags);
  if (!(error instanceof CommanderError)) return printError(error, terminal);
  if (['commander.helpDisplayed', 'commander.version'].includes(error.code)) return exitCodes.ok;
  // Help was printed since no command was named.
  if (error.code === 'commander.help') return exitCodes.usage;
  const what = sentence(error.message.replace(/^error: /, ''));
  return printError(
    new UsageError(what, `Run \`${['loadline', ...commandIn(program, args), '--help'].join(' ')}\`.`),
    terminal,
  );
}

/** The names of the commands in the arguments, such as `loads list`. */
function commandIn(program: Command, args: readonly string[]): string[] {
  const names: string[] = [];
  let at = program;
  for (const arg of args) {
    const found = at.commands.find((command) => command.name() === arg);
    if (!found) continue;
    names.push(found.name());
    at = found;
  }
  return names;
}

function sentence(text: string): string {
  const [first = '', ...hints] = text.split('\n');
  const whole = `${first.charAt(0).toUpperCase()}${first.slice(1)}${/[.?!]$/.test(first) ? '' : '.'}`;
  return [whole, ...hints.map((hint) => hint.replace(/^\((.*)\)$/, '$1'))].join(' ');
}

function flagsOf({ json, verbose }: GlobalOptions): { json: boolean; verbose: boolean } {
  return { json: json === true, verbose: verbose === true };
}
