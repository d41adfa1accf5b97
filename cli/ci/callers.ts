import { Document } from 'yaml';
import { platformFiles, type Platform } from './vendored';

/** Which samples the gate checks, each as contract=glob. */
type Samples = readonly string[];

/** The user's own file: how the templates are called. It is written once, and theirs from then on. */
export const callerOf = (platform: Platform, samples: Samples): string =>
  platform === 'gitlab' ? gitlabCaller(samples) : githubCaller(samples);

/** What a `.gitlab-ci.yml` that exists has to say. */
export const gitlabInclude = (samples: Samples): string =>
  yaml({ include: [{ local: `/${platformFiles.gitlab.mention}`, inputs: { samples } }] });

const gitlabCaller = (
  samples: Samples,
): string => `# One pipeline for a change: that of its merge request, where it has one.
${yaml({
  workflow: {
    rules: [
      { if: '$CI_PIPELINE_SOURCE == "merge_request_event"' },
      { if: '$CI_COMMIT_BRANCH && $CI_OPEN_MERGE_REQUESTS', when: 'never' },
      { if: '$CI_COMMIT_BRANCH' },
    ],
  },
})}
${gitlabInclude(samples)}`;

const secrets = [
  'TEMPORAL_ADDRESS',
  'TEMPORAL_NAMESPACE',
  'TEMPORAL_API_KEY',
  'TEMPORAL_TLS_CLIENT_CERT_DATA',
  'TEMPORAL_TLS_CLIENT_KEY_DATA',
  'DATABASE_URL',
] as const;

const githubCaller = (samples: Samples): string =>
  yaml({
    name: 'Loadline',
    on: ['push', 'pull_request'],
    permissions: {},
    // A newer commit of a pull request takes the place of an older one; what may deploy runs to its end.
    concurrency: {
      group: 'loadline-${{ github.ref }}',
      'cancel-in-progress': "${{ github.event_name == 'pull_request' }}",
    },
    jobs: {
      gate: {
        // The most that a job of the gate asks for.
        permissions: { contents: 'read', 'id-token': 'write', 'security-events': 'write' },
        uses: platformFiles.github.mention,
        with: { samples: JSON.stringify(samples) },
        secrets: Object.fromEntries(secrets.map((name) => [name, `\${{ secrets.${name} }}`])),
      },
    },
  });

const yaml = (value: unknown): string => new Document(value).toString({ lineWidth: 0, singleQuote: true });
