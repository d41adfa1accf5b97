import { execFileSync } from 'node:child_process';
import { join } from 'node:path';

const built = join(__dirname, '../../../dist/cli/young-generation.js');

/** Megabytes of the young generation after a program has kept what it made. */
function youngAfter(before: string): number {
  const program = `${before}
    const kept = [];
    for (let i = 0; i < 500_000; i++) kept.push({ i, text: 't' + i });
    const space = require('node:v8').getHeapSpaceStatistics().find((s) => s.space_name === 'new_space');
    console.log(space.space_size / 1e6, kept.length);`;
  return parseFloat(execFileSync(process.execPath, ['-e', program], { encoding: 'utf8' }));
}

test('the young generation of a worker stays small, however much is kept', () => {
  expect(youngAfter('')).toBeGreaterThan(16);
  expect(youngAfter(`require(${JSON.stringify(built)}).keepYoungGenerationSmall();`)).toBeLessThan(5);
});
