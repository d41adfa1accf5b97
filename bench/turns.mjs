// ABAB: each side runs once in every round, so that what changes on the machine meets all of them.

/**
 * Runs the sides in turn. A side has a name, `run` and, untimed, `prepare` before and `check` after it.
 * @returns what `run` resolved to, by side
 */
export async function takeTurns(rounds, sides, tell = () => {}) {
  const runs = Object.fromEntries(sides.map(({ name }) => [name, []]));
  for (let round = 1; round <= rounds; round++) {
    for (const side of sides) {
      await side.prepare?.();
      const run = await side.run();
      await side.check?.(run);
      runs[side.name].push(run);
      tell(round, side, run);
    }
  }
  return runs;
}

/** One side's time by the other's, round by round. */
export const ratios = (runs, others) => runs.map(({ ms }, round) => ms / others[round].ms);
