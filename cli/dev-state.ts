import { accessSync, constants, mkdirSync } from 'node:fs';
import { shortPath } from '../workers/config/short-path';
import { loadFailure } from '../workflows/load-error';
import { runningDev } from './dev-environment';
import type { ResolvedConfig } from '../workers/config';

type Owner = Pick<ResolvedConfig, 'stateDir'>;

/** Makes the folder of state, unless another `loadline dev` works on it. @throws `StateInUse`, `InvalidConfig` */
export async function takeState(config: Owner): Promise<void> {
  await refuseSecond(config);
  makeState(config);
}

/** It would be a second worker on the servers of the first, and be without them when the first one stops. */
async function refuseSecond(config: Owner): Promise<void> {
  const running = await runningDev(config);
  if (running === undefined) return;
  throw loadFailure('StateInUse', {
    what: '`loadline dev` is running here already.',
    object: shortPath(config.stateDir),
    got: `process ${running}`,
    remedy: 'Use that one: it follows changes by itself. For a second one choose another `state` in the configuration.',
  });
}

/** Before anything is started, since every server would tell of it in words of its own. */
function makeState({ stateDir }: Owner): void {
  try {
    mkdirSync(stateDir, { recursive: true });
    accessSync(stateDir, constants.W_OK);
  } catch (cause) {
    throw loadFailure('InvalidConfig', {
      what: 'The folder of state cannot be written to.',
      object: stateDir,
      got: (cause as NodeJS.ErrnoException).code ?? String(cause),
      remedy: 'Give this user the right to, or set `state` of the configuration to another folder.',
      cause,
    });
  }
}
