import type { DeploymentAccess } from './access';
import type { KnownBuild, Routing } from './routing';
import { readNotes, type BuildNotes } from './version-notes';

/** The build that was current before the current one, or `null`. */
export async function previousOf(at: DeploymentAccess, { current, builds }: Routing): Promise<string | null> {
  if (current === null) return null;
  const notes = new Map<string, BuildNotes>();
  for (const { buildId } of builds) notes.set(buildId, await readNotes(at, buildId));
  return previousBuild(current, builds, notes);
}

/**
 * By what a deploy has noted; else by when builds were current, without those that were rolled back: who rolls back
 * twice means the build before both, never the one that was bad.
 */
export function previousBuild(
  current: string,
  builds: readonly KnownBuild[],
  notes: ReadonlyMap<string, BuildNotes>,
): string | null {
  const noted = notes.get(current)?.previous;
  if (noted !== undefined) return builds.some(({ buildId }) => buildId === noted) ? noted : null;
  const before = builds.filter(
    ({ buildId, currentAtMs }) =>
      buildId !== current && currentAtMs !== null && notes.get(buildId)?.rolledBack === undefined,
  );
  return before.sort((a, b) => b.currentAtMs! - a.currentAtMs!)[0]?.buildId ?? null;
}
