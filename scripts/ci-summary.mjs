// Tells what failed once more, and adds the counts of all suites up: the last lines of a CI run, which are all that many
// readers of CI show. A check that failed without a count counts as one.
import { readdirSync, readFileSync } from 'node:fs';
import { relative } from 'node:path';
import { saidInALine } from './said-in-a-line.mjs';

const [folder, stepFailed] = process.argv.slice(2);
const total = { passed: 0, failed: 0, skipped: 0 };
const failures = [];
for (const file of readdirSync(folder).filter((name) => name.endsWith('.json'))) {
  const report = JSON.parse(readFileSync(`${folder}/${file}`, 'utf8'));
  total.passed += report.numPassedTests ?? report.passed ?? 0;
  total.failed += (report.numFailedTests ?? report.failed ?? 0) + (report.numRuntimeErrorTestSuites ?? 0);
  total.skipped += (report.numPendingTests ?? 0) + (report.numTodoTests ?? 0) + (report.skipped ?? 0);
  failures.push(...failuresOf(report));
}
if (stepFailed !== '0' && total.failed === 0) total.failed = 1;
if (failures.length) console.log(`── what failed\n${failures.join('\n')}`);
// Printed by CI's reader as the last line; nothing may follow it.
process.on('exit', () => console.log(`${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`));
process.exitCode = total.failed > 0 || total.passed === 0 ? 1 : 0;

/** A line for each failed test, each suite that did not run, and each mutant that nothing noticed. */
function failuresOf({ testResults = [], mutants = [] }) {
  const tests = testResults.flatMap((suite) => {
    const file = relative(process.cwd(), suite.name);
    const failed = suite.assertionResults.filter(({ status }) => status === 'failed');
    if (failed.length === 0 && suite.status === 'failed') return [line(file, 'did not run', suite.message)];
    return failed.map((test) => line(file, test.fullName, test.failureMessages[0]));
  });
  const left = mutants.filter(({ verdict }) => verdict !== 'killed');
  return [...tests, ...left.map(({ name, verdict, why }) => line(`mutant ${verdict}`, name, why))];
}

function line(where, what, why) {
  const said = saidInALine(why);
  return `${where}: ${what}: ${said.length > 300 ? `${said.slice(0, 200)} […] ${said.slice(-100)}` : said}`;
}
