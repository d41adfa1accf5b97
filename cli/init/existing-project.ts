import { readFile } from 'node:fs/promises';
import { UsageError } from '../usage-error';

interface Manifest {
  readonly [field: string]: unknown;
  readonly scripts?: Readonly<Record<string, string>>;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
}

/** What became of a file that the project had already. */
export interface Merged {
  /** `null` when nothing is missing. */
  readonly content: string | null;
  /** What was added, and what could not be since the place is taken. */
  readonly added: readonly string[];
  readonly taken: readonly string[];
}

const sections = ['scripts', 'dependencies', 'devDependencies'] as const;
/** What `npm init` writes where nobody has written anything. */
const placeholder = /no test specified/;

/** Adds to a package.json what it does not have. What it has stays, word for word. */
export async function mergeManifest(file: string, template: string): Promise<Merged> {
  const text = await readFile(file, 'utf8');
  const manifest = parseManifest(text, file);
  const wanted = JSON.parse(template) as Manifest;
  const has = { ...manifest.dependencies, ...manifest.devDependencies };
  const added: string[] = [];
  const taken: string[] = [];
  const result: Record<string, unknown> = { ...manifest };
  for (const section of sections) {
    const own = section === 'scripts' ? (manifest.scripts ?? {}) : has;
    const missing = Object.entries(wanted[section] ?? {}).filter(([name, value]) => {
      const there = own[name];
      const free = there === undefined || placeholder.test(there);
      if (free) added.push(`${section}.${name}`);
      else if (section === 'scripts' && there !== value) taken.push(`"${name}": "${value}"`);
      return free;
    });
    if (missing.length > 0) result[section] = { ...manifest[section], ...Object.fromEntries(missing) };
  }
  const indent = /^\{\s*\n([ \t]+)"/.exec(text)?.[1] ?? '  ';
  return { content: added.length > 0 ? `${JSON.stringify(result, null, indent)}\n` : null, added, taken };
}

function parseManifest(text: string, file: string): Manifest {
  try {
    return JSON.parse(text.replace(/^\uFEFF/, '')) as Manifest;
  } catch {
    throw new UsageError(`${file} is not JSON.`, 'Correct it, or name another folder.');
  }
}

/** Adds the lines that a .gitignore does not have. */
export async function mergeIgnored(file: string, template: string): Promise<Merged> {
  const text = await readFile(file, 'utf8');
  const bare = (line: string): string => line.trim().replace(/^\/|\/$/g, '');
  const has = new Set(text.split('\n').map(bare));
  const added = template.split('\n').filter((line) => line !== '' && !has.has(bare(line)));
  const ended = text === '' || text.endsWith('\n') ? text : `${text}\n`;
  return { content: added.length > 0 ? `${ended}${added.join('\n')}\n` : null, added, taken: [] };
}
