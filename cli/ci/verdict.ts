import { exitCodes, type ExitCode } from '../exit-code';
import { paint, type Terminal } from '../terminal';
import { UsageError } from '../usage-error';

/** How the jobs before it ended, as GitHub tells it: `toJSON(needs)`. */
type Results = Readonly<Record<string, { readonly result: string }>>;

/** Says whether the gate as a whole has passed: a job that was skipped, cancelled or not approved has not. */
export function verdict(env: NodeJS.ProcessEnv, terminal: Terminal): ExitCode {
  const results = resultsOf(env['LOADLINE_CI_RESULTS']);
  const deploys = env['LOADLINE_CI_DEPLOYS'] === 'true';
  const failed = Object.entries(results).filter(([job, { result }]) => !passes(job, result, deploys));
  const lines = Object.entries(results).map(
    ([job, { result }]) => `  ${passes(job, result, deploys) ? paint.green('✓') : paint.red('✗')} ${job}  ${result}`,
  );
  terminal.result({ passed: failed.length === 0, results }, () =>
    [
      failed.length === 0 ? paint.green('✓ the gate has passed') : paint.red('✗ the gate has not passed'),
      ...lines,
    ].join('\n'),
  );
  return failed.length === 0 ? exitCodes.ok : exitCodes.failed;
}

/** Only where nothing is deployed may the deploy be skipped. */
const passes = (job: string, result: string, deploys: boolean): boolean =>
  result === 'success' || (job === 'deploy' && result === 'skipped' && !deploys);

function resultsOf(text: string | undefined): Results {
  try {
    const results = JSON.parse(text ?? '') as Results;
    if (Object.keys(results).length > 0) return results;
  } catch {
    // Told below.
  }
  throw new UsageError('LOADLINE_CI_RESULTS is empty.', 'Set it to what became of each job: ${{ toJSON(needs) }}.');
}
