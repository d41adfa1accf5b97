import type { Command } from 'commander';
import { lazyRunLoad } from '../lazy';
import { addRequestOptions, givenRequestOptions, type RequestOptions } from '../request-options';
import { UsageError } from '../usage-error';
import type { RunBody } from '../cli-context';

/** The options of `run`. */
export interface RunOptions extends RequestOptions {
  readonly input?: string;
  readonly workflowId?: string;
  readonly detach?: boolean;
}

/** Declares `run`. */
export function addRun(program: Command, run: RunBody): void {
  const command = program
    .command('run')
    .argument('[workflow]', 'a workflow of yours; without one, --load loads a single table')
    .description('start a load, show how far it is, and print its receipt');
  addRequestOptions(command)
    .option('--input <json|@file>', 'the input of the workflow, or the file that holds it')
    .option('--workflow-id <id>', 'the id of the workflow (default: the load key)')
    .option('--detach', 'start it and do not wait')
    .addHelpText('after', '\nStarting what is running already waits for the running one. Ctrl-C leaves it running.')
    .action((workflow: string | undefined, options: RunOptions) =>
      run(async (context) => {
        checkChoice(workflow, options);
        return lazyRunLoad().runLoad(workflow, options, context);
      }),
    );
}

function checkChoice(workflow: string | undefined, options: RunOptions): void {
  if (workflow === undefined) {
    if (options.load === undefined)
      throw new UsageError('Nothing to run was named.', 'Name a workflow of yours, or add --load <contract>.');
    if (options.input !== undefined)
      throw new UsageError('--input belongs to a workflow.', 'Leave it out, or name a workflow instead of --load.');
    return;
  }
  const [first] = givenRequestOptions(options);
  if (first === undefined) return;
  throw new UsageError(
    `${first} does not go with the workflow ${workflow}.`,
    'A workflow says itself what it loads; pass it --input, or leave the workflow out.',
  );
}
