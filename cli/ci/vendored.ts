import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { ciTemplatePath, ownVersion } from '../own-package';

/** Where templates can be vendored to. */
export const platforms = ['gitlab', 'github'] as const;
/** One of {@link platforms}. */
export type Platform = (typeof platforms)[number];

interface PlatformFiles {
  /** The file in the user's repository, and the template that it is a copy of. */
  readonly files: Readonly<Record<string, string>>;
  /** The user's own file, which calls the templates. */
  readonly caller: string;
  /** What the caller says if it calls them. */
  readonly mention: string;
}

/** What each platform gets. A file is where the platform looks for it: GitHub knows no subfolders of workflows. */
export const platformFiles: Readonly<Record<Platform, PlatformFiles>> = {
  gitlab: {
    files: { '.gitlab/loadline/gate.yml': 'gitlab/templates/gate.yml' },
    caller: '.gitlab-ci.yml',
    mention: '.gitlab/loadline/gate.yml',
  },
  github: {
    files: {
      '.github/workflows/loadline-gate.yml': 'github/workflows/loadline-gate.yml',
      '.github/workflows/loadline-rollback.yml': 'github/workflows/loadline-rollback.yml',
      '.github/actions/loadline-setup/action.yml': 'github/actions/loadline-setup/action.yml',
    },
    caller: '.github/workflows/loadline.yml',
    mention: './.github/workflows/loadline-gate.yml',
  },
};

/** `edited`: by hand since it was vendored. `older`: of another version, whose template differs. `foreign`: not vendored by us. */
export type VendoredState = 'current' | 'older' | 'edited' | 'missing' | 'foreign';

/** A vendored file, and what became of it. */
export interface Vendored {
  readonly file: string;
  readonly state: VendoredState;
  /** The version that it was vendored by. */
  readonly version?: string;
  /** What it should hold. */
  readonly content: string;
}

/** Looks at the files of a platform. */
export function vendoredFiles(platform: Platform, folder: string): readonly Vendored[] {
  return Object.entries(platformFiles[platform].files).map(([file, template]) => {
    const body = readFileSync(ciTemplatePath(template), 'utf8');
    return { file, content: withHeader(body), ...stateOf(path.join(folder, file), body) };
  });
}

/** Whether a repository has anything of a platform's templates. */
export function isInUse(platform: Platform, folder: string): boolean {
  const { files, caller, mention } = platformFiles[platform];
  if (Object.keys(files).some((file) => existsSync(path.join(folder, file)))) return true;
  const calls = path.join(folder, caller);
  return existsSync(calls) && readFileSync(calls, 'utf8').includes(mention);
}

const header = /^# loadline (\S+), sha256 ([\da-f]{64})\. .*\n/;

function withHeader(body: string): string {
  return `# loadline ${ownVersion()}, sha256 ${checksum(body)}. Do not edit: \`loadline ci sync\` writes it anew.\n${body}`;
}

function stateOf(file: string, body: string): Pick<Vendored, 'state' | 'version'> {
  if (!existsSync(file)) return { state: 'missing' };
  // Git may have turned the ends of lines.
  const text = readFileSync(file, 'utf8').replaceAll('\r\n', '\n');
  const [line, version, sum] = header.exec(text) ?? [];
  if (line === undefined || version === undefined) return { state: 'foreign' };
  const own = text.slice(line.length);
  if (checksum(own) !== sum) return { state: 'edited', version };
  return { state: own === body ? 'current' : 'older', version };
}

const checksum = (text: string): string => createHash('sha256').update(text).digest('hex');
