import { setTimeout as pause } from 'node:timers/promises';
import type { Client } from '@temporalio/client';

/** Runs that were started one after the other. */
export interface Started {
  /** Starts no more. Resolves, when all runs have ended well, to their workflow ids. */
  end(): Promise<string[]>;
}

/** Starts one run and then another, as a schedule would, until told to end. `start` resolves to a workflow id. */
export function keepStarting(client: Client, start: (n: number) => Promise<string>): Started {
  let going = true;
  const started = (async () => {
    const ids: string[] = [];
    for (let n = 0; going; n++) {
      ids.push(await start(n));
      await pause(300);
    }
    return ids;
  })();
  // Told to whoever ends them: a test that has run out of time does not, and must not take other suites with it.
  started.catch(() => undefined);
  return {
    async end() {
      going = false;
      const ids = await started;
      await Promise.all(ids.map((id) => client.workflow.getHandle(id).result()));
      return ids;
    },
  };
}
