import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { globSync } from 'tinyglobby';
import { parseDocument } from 'yaml';
import { writeFiles } from '../reports/write-reports';
import { UsageError } from '../usage-error';
import { callerOf, gitlabInclude } from './callers';
import { platformFiles, vendoredFiles, type Platform } from './vendored';
import type { CliContext } from '../cli-context';

/** What `loadline ci init` did. */
export interface CiInit {
  readonly platform: Platform;
  readonly created: readonly string[];
  /** What was there and got the call of the templates. */
  readonly extended: readonly string[];
  /** What is to be added by hand, and where. */
  readonly byHand: { readonly file: string; readonly text: string } | null;
  readonly samples: readonly string[];
}

/** Vendors the templates of a platform into the repository of the working directory. Overwrites nothing. */
export async function initCi(platform: Platform, samples: readonly string[], folder = '.'): Promise<CiInit> {
  const files = vendoredFiles(platform, folder);
  const strange = files.filter(({ state }) => state === 'edited' || state === 'foreign').map(({ file }) => file);
  if (strange.length > 0)
    throw new UsageError(
      `${strange.join(', ')} ${strange.length === 1 ? 'is' : 'are'} there, with a content of your own.`,
      'Move it aside, or say `loadline ci sync --force` to give it up.',
    );
  const written = files.filter(({ state }) => state !== 'current');
  await writeFiles(new Map(written.map(({ file, content }) => [path.join(folder, file), content])));
  const created = written.map(({ file }) => file);
  const { caller, mention } = platformFiles[platform];
  const at = path.join(folder, caller);
  if (!existsSync(at)) {
    await writeFiles(new Map([[at, callerOf(platform, samples)]]));
    return { platform, created: [...created, caller], extended: [], byHand: null, samples };
  }
  const text = readFileSync(at, 'utf8');
  if (text.includes(mention)) return { platform, created, extended: [], byHand: null, samples };
  const addition = platform === 'gitlab' ? gitlabInclude(samples) : callerOf(platform, samples);
  if (platform === 'github' || parseDocument(text).has('include'))
    return { platform, created, extended: [], byHand: { file: caller, text: addition }, samples };
  appendFileSync(at, `${text.endsWith('\n') ? '' : '\n'}\n${addition}`);
  return { platform, created, extended: [caller], byHand: null, samples };
}

const endings = '{csv,tsv,ndjson,jsonl,parquet}';

/** Samples that lie where `loadline init` puts them, or in a folder `samples`: one for each contract of the configuration. */
export async function findSamples(context: CliContext, folder = '.'): Promise<readonly string[]> {
  // Templates are of use before the configuration is.
  const contracts = await context.config().then(
    (config) => [...config.contracts.keys()],
    () => [],
  );
  return contracts.flatMap((contract) => {
    const places = [
      `samples/${contract}/*.${endings}`,
      `samples/${contract}.${endings}`,
      `data/${contract}/*.${endings}`,
    ];
    const [found] = places.flatMap((place) => globSync(place, { cwd: folder }).sort());
    if (found === undefined) return [];
    const { dir, ext } = path.posix.parse(found);
    return [`${contract}=${dir === 'samples' ? found : `${dir}/*${ext}`}`];
  });
}
