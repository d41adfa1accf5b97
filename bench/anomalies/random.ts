/** Random numbers that are the same wherever and whenever they are drawn. */
export interface Random {
  /** Uniform in [0, 1). */
  uniform(): number;
  between(low: number, high: number): number;
  chance(probability: number): boolean;
  /** Standard normal. */
  normal(): number;
  /** Student's t with so many degrees of freedom. */
  student(freedom: number): number;
}

/** Mulberry32: 32 bits of state are plenty for series of a few hundred values. */
export function randomOf(seed: number): Random {
  let state = seed >>> 0;
  const uniform = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const normal = (): number => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform());
  return {
    uniform,
    normal,
    between: (low, high) => low + (high - low) * uniform(),
    chance: (probability) => uniform() < probability,
    student(freedom) {
      const top = normal();
      let sum = 0;
      for (let i = 0; i < freedom; i++) sum += normal() ** 2;
      return top / Math.sqrt(sum / freedom);
    },
  };
}
