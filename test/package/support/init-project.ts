import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Packed } from './packed';
import { run, shell } from './run';
import { processesIn, startDev } from './try-it-out';

/** A file as an office writes it: its values are new in every run. */
function officeFile(rows: number): string {
  const two = (n: number): string => String(n).padStart(2, '0');
  const any = (below: number): number => Math.floor(Math.random() * below);
  const lines = Array.from({ length: rows }, (_, i) => {
    const day = `${two(1 + any(28))}.${two(1 + any(12))}.20${10 + any(20)}`;
    const amount = `${1 + any(9)}.${String(any(1000)).padStart(3, '0')},${two(any(100))}`;
    const words = ['"Müller; Söhne"', 'Café', '"sagt ""nein"""', '', '"zwei\nZeilen"'];
    return [`00${1000 + i}`, words[any(5)], day, amount, ['ja', 'nein'][i % 2]].join(';');
  });
  return ['\uFEFF"Rg.-Nr.";"Käufer";Datum;"Summe (€)";bezahlt', ...lines].join('\r\n');
}

/** Goes the way of a stranger with a file of their own, by what `loadline init` says and the README. */
export async function fromUnknownFile(packed: Packed, installed: string): Promise<void> {
  await writeFile(join(installed, 'Rechnungen 2026.csv'), officeFile(37));
  const told = await shell("npx loadline init ../stranger --from 'Rechnungen 2026.csv'", installed);
  expect(told).toContain('✓ rechnungen  37 rows, 5 columns, key rg_nr');
  const project = join(installed, '../stranger');
  // The one thing that differs: the package comes from the tarball.
  await shell(`npm install --prefer-offline ${packed.tarball}`, project);
  expect(await run('npm', ['run', '--silent', 'typecheck'], { cwd: project })).toMatchObject({ code: 0, out: '' });
  const tested = await run('npm', ['test'], { cwd: project });
  expect(tested).toMatchObject({ code: 0, out: expect.stringMatching(/pass 1\n/) });
  const dev = await startDev(project, 'npm run --silent dev');
  try {
    expect(await shell('npm run --silent load', project)).toMatch(/^✓ loaded {2}rechnungen [\s\S]* 37 {2}inserted\n/);
    expect(await shell('npm run --silent load', project)).toMatch(/^✓ already loaded/);
  } finally {
    await dev.stop();
  }
  expect(await processesIn(project)).toEqual([]);
}
