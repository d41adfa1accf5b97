/** Random numbers that a seed repeats. The seed is the clock's, unless LOADLINE_CRASH_SEED names one. */
export function seeded(): { readonly seed: number; next(): number } {
  const seed = Number(process.env['LOADLINE_CRASH_SEED'] ?? Date.now() % 1_000_000);
  let state = seed >>> 0;
  return {
    seed,
    // mulberry32
    next() {
      state = (state + 0x6d2b79f5) >>> 0;
      let t = Math.imul(state ^ (state >>> 15), 1 | state);
      t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
      return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
    },
  };
}
