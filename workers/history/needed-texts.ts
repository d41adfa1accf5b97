/**
 * The texts without which a replay goes another way: each half of them is left out once, and halves that matter are
 * halved again, so that few replays are made where few texts matter.
 */
export async function neededTexts(
  texts: readonly string[],
  replaysWithout: (texts: ReadonlySet<string>) => Promise<boolean>,
): Promise<ReadonlySet<string>> {
  if (texts.length === 0 || (await replaysWithout(new Set(texts)))) return new Set();
  if (texts.length === 1) return new Set(texts);
  const half = Math.ceil(texts.length / 2);
  const first = await neededTexts(texts.slice(0, half), replaysWithout);
  const second = await neededTexts(texts.slice(half), replaysWithout);
  return new Set([...first, ...second]);
}
