import { isGrpcServiceError } from '@temporalio/client';
import { defaultPayloadConverter } from '@temporalio/common';
import type { DeploymentAccess } from './access';

/** What Loadline remembers of a build, in the server's metadata of the version. */
export interface BuildNotes {
  /** The build that was current before this one. */
  readonly previous?: string;
  /** When new runs were taken away from it by a rollback: it is not gone back to. ISO 8601. */
  readonly rolledBack?: string;
}

const names = { previous: 'loadline.previous', rolledBack: 'loadline.rolled-back' } as const;
type Note = keyof typeof names;

/** What is remembered of a build; nothing of one that the server has forgotten. */
export async function readNotes(at: DeploymentAccess, buildId: string): Promise<BuildNotes> {
  const { client, namespace, deployment: deploymentName } = at;
  try {
    const { workerDeploymentVersionInfo } = await client.workflowService.describeWorkerDeploymentVersion({
      namespace,
      deploymentVersion: { deploymentName, buildId },
    });
    const entries = workerDeploymentVersionInfo?.metadata?.entries ?? {};
    const found = (Object.keys(names) as Note[]).flatMap((note) => {
      const payload = entries[names[note]];
      return payload ? [[note, defaultPayloadConverter.fromPayload<string>(payload)] as const] : [];
    });
    return Object.fromEntries(found);
  } catch (error) {
    if (isGrpcServiceError(error) && Number(error.code) === 5) return {};
    throw error;
  }
}

/** Remembers something of a build; `null` forgets it. */
export async function writeNotes(
  at: DeploymentAccess,
  buildId: string,
  notes: Readonly<Partial<Record<Note, string | null>>>,
): Promise<void> {
  const { client, namespace, deployment: deploymentName } = at;
  const all = Object.entries(notes) as [Note, string | null][];
  const kept = all.filter((note): note is [Note, string] => note[1] !== null);
  await client.workflowService.updateWorkerDeploymentVersionMetadata({
    namespace,
    deploymentVersion: { deploymentName, buildId },
    upsertEntries: Object.fromEntries(
      kept.map(([note, text]) => [names[note], defaultPayloadConverter.toPayload(text)]),
    ),
    removeEntries: all.filter(([, text]) => text === null).map(([note]) => names[note]),
    identity: client.options.identity,
  });
}
