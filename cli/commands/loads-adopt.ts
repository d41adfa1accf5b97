import type { Command } from 'commander';
import { exitCodes, type ExitCode } from '../exit-code';
import { lazyAdopt, lazyDeps, lazyLoads, lazyRequest } from '../lazy';
import { addRequestOptions, type RequestOptions } from '../request-options';
import { addSignedOptions, agree, signedBy, type SignedOptions } from './loads-undo';
import type { CliContext, RunBody } from '../cli-context';

type AdoptOptions = RequestOptions & SignedOptions;

/** Declares `loads adopt`. */
export function addAdopt(loads: Command, run: RunBody): void {
  const adopt = loads
    .command('adopt')
    .description('record a load as applied that was done by hand; no row is touched')
    .addHelpText(
      'after',
      '\nName the load as `run` would. With --from the same files are loaded already, and others refused; without it any are refused.',
    );
  addSignedOptions(addRequestOptions(adopt)).action((options: AdoptOptions) =>
    run((context) => adoptByHand(options, context)),
  );
}

async function adoptByHand({ reason, by, yes, ...options }: AdoptOptions, context: CliContext): Promise<ExitCode> {
  const signed = signedBy({ ...(reason === undefined ? {} : { reason }), ...(by === undefined ? {} : { by }) });
  const config = await context.config();
  const request = lazyRequest().adoptRequestOf(options, config);
  await agree(
    `Record this load of ${request.into} as applied? Its rows must be in the table.`,
    'The load was not adopted.',
    yes,
    context,
  );
  // Without Temporal, which does not have to be there for it.
  const deps = lazyDeps().openDeps(config);
  context.onClose(() => deps.close());
  const receipt = await lazyAdopt().adoptLoad(
    { ...deps, searchAttributes: () => Promise.resolve(false) },
    request,
    signed,
  );
  context.terminal.result(receipt, (columns) => lazyLoads().renderReceipt(receipt, {}, columns));
  return exitCodes.ok;
}
