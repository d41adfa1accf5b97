import { startStack } from '../../workers/embedded/stack';

/** A program that owns a stack and does nothing else, for tests that kill it. */
async function main(stateDir: string): Promise<void> {
  const stack = await startStack({ stateDir, onProgress: () => undefined, env: {} });
  process.stdout.write(`${JSON.stringify(stack)}\n`);
  setInterval(() => undefined, 1_000);
}

void main(process.argv[2] ?? '').catch((error: unknown) => {
  process.stderr.write(`${String(error)}\n`);
  process.exit(1);
});
