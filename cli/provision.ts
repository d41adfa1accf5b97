import { didYouMean } from '../activities/contracts/did-you-mean';
import { openProvisioner, type OpenedProvisioner } from '../workers/open-provisioner';
import { exitCodes, type ExitCode } from './exit-code';
import { renderApplied, renderPlans } from './provision-output';
import { toldApart } from './told-apart';
import { UsageError } from './usage-error';
import type { AppliedProvision, ProvisionPlan } from '../activities/warehouses/provision';
import type { CliContext } from './cli-context';
import type { ProvisionApplyFlags, ProvisionFlags, ProvisionPlanFlags } from './commands/provision';

/** Tells how warehouses differ from what workers need. */
export async function planCommand(flags: ProvisionPlanFlags, context: CliContext): Promise<ExitCode> {
  const fails = flags.exitCode === true;
  return toldApart(fails, context, async () => {
    const plans: ProvisionPlan[] = [];
    for (const { provisioner, wanted } of await opened(flags, context)) plans.push(await provisioner.plan(wanted));
    const drift = plans.some((plan) => plan.drift);
    context.terminal.result({ drift, warehouses: plans }, (columns) => renderPlans(plans, flags, columns));
    return fails && drift ? exitCodes.failed : exitCodes.ok;
  });
}

/** Makes warehouses as workers need them. */
export async function applyCommand(flags: ProvisionApplyFlags, context: CliContext): Promise<ExitCode> {
  return toldApart(false, context, async () => {
    const prune = flags.prune === true;
    const done: AppliedProvision[] = [];
    for (const { provisioner, wanted } of await opened(flags, context))
      done.push(await provisioner.apply(wanted, { prune }));
    context.terminal.result({ warehouses: done }, (columns) => renderApplied(done, columns));
    return exitCodes.ok;
  });
}

/** Every secret is read before a server is asked. */
async function opened({ warehouse, tables }: ProvisionFlags, context: CliContext): Promise<OpenedProvisioner[]> {
  const config = await context.config();
  const provisioned = [...config.warehouses.values()].filter((each) => each.provision !== null);
  if (warehouse !== undefined && !config.warehouses.has(warehouse))
    throw new UsageError(`There is no warehouse "${warehouse}".`, didYouMean(warehouse, [...config.warehouses.keys()]));
  if (warehouse === undefined && provisioned.length === 0)
    throw new UsageError(
      'No warehouse of the configuration has `provision`.',
      "Add provision: { admin: env('ADMIN_DATABASE_URL'), roles: { loader: 'loadline_loader' } } to one.",
    );
  const names = warehouse === undefined ? provisioned.map(({ name }) => name) : [warehouse];
  return names.map((name) => {
    const one = openProvisioner(config, name, tables === true);
    context.onClose(() => one.provisioner.close());
    return one;
  });
}
