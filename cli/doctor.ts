import { checkConfig, checkMachine } from './doctor-machine';
import { checkTemporal } from './doctor-temporal';
import { exitCodes, type ExitCode } from './exit-code';
import { errorFacts } from './print-error';
import { failed, type Finding } from './finding';
import { plural } from './format';
import { hang, paint } from './terminal';
import type { CliContext } from './cli-context';
import type { ResolvedConfig } from '../workers/config';

/** What `--fix` made of a finding. */
interface Examined extends Finding {
  readonly fixed?: boolean;
}

/** Looks at everything a load needs. Fails when something is wrong that was not put right. */
export async function doctor(fix: boolean, context: CliContext): Promise<ExitCode> {
  const findings = await Promise.all((await examine(context)).map((finding) => (fix ? mend(finding) : finding)));
  const wrong = findings.filter((finding) => !finding.ok && !finding.optional);
  context.terminal.result({ ok: wrong.length === 0, findings: findings.map(plain) }, (columns) =>
    render(findings, columns),
  );
  return wrong.length === 0 ? exitCodes.ok : exitCodes.failed;
}

async function examine(context: CliContext): Promise<Finding[]> {
  const machine = await checkMachine();
  const { config, finding } = await openConfig(context);
  if (config === undefined) return [...machine, finding];
  const rest = await Promise.all([
    checkConfig(config),
    checkTemporal(config, context),
    checkWarehouses(config, context),
  ]);
  return [...machine, finding, ...rest.flat()];
}

async function openConfig(context: CliContext): Promise<{ config?: ResolvedConfig; finding: Finding }> {
  try {
    const config = await context.config();
    const { contracts, warehouses, stores, profile } = config;
    const sizes = `${plural(contracts.size, 'contract')}, ${plural(warehouses.size, 'warehouse')}, ${plural(stores.size, 'store')}`;
    const found = `${config.path}${profile === null ? '' : `, profile ${profile}`}: ${sizes}`;
    return { config, finding: { check: 'configuration', ok: true, found } };
  } catch (error) {
    return { finding: failed('configuration', error) };
  }
}

async function checkWarehouses(config: ResolvedConfig, context: CliContext): Promise<Finding[]> {
  const names = [...config.warehouses.keys()];
  const examined = names.map(async (name): Promise<Finding[]> => {
    try {
      const findings = await (await context.warehouse(name)).health();
      return findings.map((finding) => ({ ...finding, check: `${name}: ${finding.check}` }));
    } catch (error) {
      // A missing secret has its own finding.
      const { code } = errorFacts(error);
      return ['SecretMissing', 'InvalidConfig'].includes(code) ? [] : [failed(`${name}: connection`, error)];
    }
  });
  return (await Promise.all(examined)).flat();
}

async function mend(finding: Finding): Promise<Examined> {
  if (finding.ok || finding.fix === undefined) return finding;
  try {
    await finding.fix();
    const { remedy: _done, ...rest } = finding;
    return { ...rest, ok: true, fixed: true };
  } catch (error) {
    return { ...failed(finding.check, error), ...(finding.remedy === undefined ? {} : { remedy: finding.remedy }) };
  }
}

function render(findings: readonly Examined[], columns: number): string {
  const width = Math.max(...findings.map(({ check }) => check.length));
  const lines = findings.flatMap(({ check, ok, optional, fixed, found, remedy, fix }) => {
    const mark = ok ? paint.green('✓') : optional ? paint.yellow('!') : paint.red('✗');
    const said = fixed ? `${found} ${paint.green('(fixed)')}` : found;
    const advice = ok
      ? []
      : [remedy, fix && !remedy?.includes('--fix') && '`loadline doctor --fix` does it.']
          .filter((text) => typeof text === 'string')
          .map((text) => hang(`  ${paint.cyan('→')} `, text, columns));
    return [hang(`${mark} ${paint.bold(check.padEnd(width))}  `, said, columns), ...advice];
  });
  const wrong = findings.filter((finding) => !finding.ok && !finding.optional).length;
  return [
    ...lines,
    '',
    wrong === 0 ? paint.green('✓ All is well.') : paint.red(`✗ ${wrong} of ${findings.length} checks failed.`),
  ].join('\n');
}

function plain({ check, ok, optional, fixed, found, remedy, fix }: Examined): Record<string, unknown> {
  return {
    check,
    ok,
    ...(optional ? { optional } : {}),
    found,
    ...(remedy && !ok ? { remedy } : {}),
    ...(fixed ? { fixed } : {}),
    ...(fix && !ok ? { fixable: true } : {}),
  };
}
