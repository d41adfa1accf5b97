// Adds the counts of all suites up: the last line of a CI run. A check that failed without a count counts as one.
import { readdirSync, readFileSync } from 'node:fs';

const [folder, stepFailed] = process.argv.slice(2);
const total = { passed: 0, failed: 0, skipped: 0 };
for (const file of readdirSync(folder).filter((name) => name.endsWith('.json'))) {
  const report = JSON.parse(readFileSync(`${folder}/${file}`, 'utf8'));
  total.passed += report.numPassedTests ?? report.passed ?? 0;
  total.failed += (report.numFailedTests ?? report.failed ?? 0) + (report.numRuntimeErrorTestSuites ?? 0);
  total.skipped += (report.numPendingTests ?? 0) + (report.numTodoTests ?? 0) + (report.skipped ?? 0);
}
if (stepFailed !== '0' && total.failed === 0) total.failed = 1;
// Printed by CI's reader as the last line; nothing may follow it.
process.on('exit', () => console.log(`${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`));
process.exitCode = total.failed > 0 || total.passed === 0 ? 1 : 0;
