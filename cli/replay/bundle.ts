import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { bundleForReplay } from '../../workers/replay';
import { exitCodes, type ExitCode } from '../exit-code';
import { bytes } from '../format';
import { paint } from '../terminal';
import { quietRuntime } from './quiet-runtime';
import type { CliContext } from '../cli-context';

/** Writes the bundle of the workflows. */
export async function bundle(output: string, context: CliContext): Promise<ExitCode> {
  quietRuntime(context);
  const config = await context.config();
  const { code } = await bundleForReplay(config);
  await mkdir(path.dirname(path.resolve(output)), { recursive: true });
  await writeFile(output, code);
  const size = Buffer.byteLength(code);
  context.terminal.result(
    { bundle: output, bytes: size, buildId: config.buildId },
    () => `${paint.green('✓ written')}  ${paint.bold(output)}  ${paint.dim(bytes(size))}`,
  );
  return exitCodes.ok;
}
