// What has to be undone whatever ends the run: its end, an error or Ctrl-C. The last begun is undone first.
const begun = [];

/** Registers how to undo something; the returned function does it now. */
export function onEnd(undo) {
  const step = { undo };
  begun.push(step);
  return async () => {
    const index = begun.indexOf(step);
    if (index < 0) return;
    begun.splice(index, 1);
    await undo();
  };
}

/** Undoes all that is left. What cannot be undone is told and does not keep the rest from being undone. */
export async function endAll(tell) {
  while (begun.length) {
    try {
      await begun.pop().undo();
    } catch (error) {
      tell(`Cleaning up: ${error instanceof Error ? error.message : error}`);
    }
  }
}
