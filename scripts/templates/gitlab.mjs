import { Scalar } from 'yaml';
import { command, inputsOf, reportsOf, variableOf } from './source.mjs';

const input = (name) => `$[[ inputs.${name} ]]`;
const named = (job) => `${input('job-prefix')}${job}`;
const onDefaultBranch =
  '$CI_COMMIT_BRANCH == $CI_DEFAULT_BRANCH && $CI_PIPELINE_SOURCE != "schedule" && $CI_PIPELINE_SOURCE != "merge_request_event"';

/** The template of GitLab: one component, in two YAML documents. */
export function gitlabTemplate(source) {
  const header = { spec: { inputs: Object.fromEntries(inputsOf(source, 'gitlab').map(specOf)) } };
  return [header, Object.fromEntries(source.jobs.map((job) => [named(job.name), jobOf(job)]))];
}

function specOf({ name, type, description, pattern, options, ...rest }) {
  return [
    name,
    {
      description,
      type,
      ...(options && { options }),
      ...(pattern && { regex: pattern }),
      ...('default' in rest && { default: rest.default }),
    },
  ];
}

function jobOf(job) {
  return {
    stage: input(`stage-${job.stage}`),
    image: input('image'),
    needs: job.needs.map(named),
    ...placeOf(job),
    variables: variablesOf(job),
    script: ['npm ci --no-audit --no-fund', command(job.run)],
    timeout: `${job.minutes} minutes`,
    interruptible: !job.deploys && !job.byHand,
    cache: cacheOf(job),
    ...artifactsOf(job),
    rules: rulesOf(job),
  };
}

function placeOf({ deploys, byHand }) {
  const environment = { name: input('environment'), deployment_tier: 'production' };
  // A way back does not queue behind the deploy that it is to undo: it has no resource group.
  if (byHand) return { environment };
  if (!deploys) return {};
  return {
    environment,
    resource_group: `loadline/${input('environment')}`,
    id_tokens: { LOADLINE_ID_TOKEN: { aud: input('id-token-audience') } },
  };
}

const variablesOf = ({ takes, build, reports }) => ({
  npm_config_cache: '.npm',
  ...(build && { LOADLINE_BUILD_ID: '$CI_COMMIT_SHA' }),
  ...(reports && { LOADLINE_CI_REPORTS: 'junit,codequality,markdown' }),
  ...Object.fromEntries(takes.map(({ name }) => [variableOf(name), asText(input(name))])),
});

/** In a block, since a list or a switch would be no text to GitLab, and a text may have quotes. */
function asText(value) {
  const scalar = new Scalar(`${value}\n`);
  scalar.type = Scalar.BLOCK_LITERAL;
  return scalar;
}

function cacheOf({ name, deploys, byHand }) {
  const npm = {
    key: { files: ['package-lock.json'], prefix: 'loadline-npm' },
    paths: ['.npm/'],
    policy: name === 'install' ? 'pull-push' : 'pull',
  };
  if (!deploys && !byHand) return [npm];
  // The bundle of the build that was current before is what a rollback is proved with.
  const bundles = {
    key: `loadline-bundles-${input('environment')}`,
    paths: ['.loadline-bundles/'],
    ...(byHand && { policy: 'pull' }),
  };
  return [npm, bundles];
}

function artifactsOf({ name, reports, keeps }) {
  if (keeps) return { artifacts: { paths: keeps, expire_in: '30 days' } };
  if (!reports) return {};
  const folder = reportsOf(name);
  return {
    artifacts: {
      when: 'always',
      paths: [`${folder}/`],
      expire_in: '30 days',
      reports: { junit: `${folder}/**/junit.xml`, codequality: `${folder}/**/codequality.json` },
    },
  };
}

function rulesOf({ deploys, byHand }) {
  const wanted = `"${input('deploy')}" == "true" && ${onDefaultBranch}`;
  if (byHand) return [{ if: wanted, when: 'manual', allow_failure: true }];
  if (!deploys) return [{ if: '$CI_PIPELINE_SOURCE == "merge_request_event"' }, { if: '$CI_COMMIT_BRANCH' }];
  const byHandWanted = `${wanted} && "${input('deploy-when')}" == "manual"`;
  return [{ if: byHandWanted, when: 'manual', allow_failure: false }, { if: wanted }];
}
