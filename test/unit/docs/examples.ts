import { globSync } from 'tinyglobby';
import { readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import ts from 'typescript';

export const root = join(__dirname, '../../..');

/** An example as a reader finds it. */
export interface Example {
  /** Where it stands: a file and a line. */
  readonly place: string;
  readonly text: string;
}

/** The TypeScript blocks of a Markdown file. */
export function examplesOfMarkdown(file: string): Example[] {
  return blocksIn(readFileSync(join(root, file), 'utf8'), file);
}

/** The TypeScript blocks in docstrings of the sources. */
export function examplesOfDocstrings(): Example[] {
  const files = globSync('{workflows,activities,workers,client,testing,cli}/**/*.ts', { cwd: root }).sort();
  return files.flatMap((file) => {
    const text = readFileSync(join(root, file), 'utf8').replace(/^\s*\* ?/gm, '');
    return blocksIn(text, file);
  });
}

function blocksIn(text: string, file: string): Example[] {
  return [...text.matchAll(/^```ts\n([\s\S]*?)^```$/gm)].map((match) => ({
    place: `${file}:${text.slice(0, match.index).split('\n').length}`,
    text: match[1] ?? '',
  }));
}

const entries: Readonly<Record<string, string>> = {
  loadline: 'workflows/root.ts',
  'loadline/workflows': 'workflows/index.ts',
  'loadline/activities': 'activities/index.ts',
  'loadline/workers': 'workers/index.ts',
  'loadline/client': 'client/index.ts',
  'loadline/testing': 'testing/index.ts',
};

/** What a fragment takes for granted, as its text around says. */
const prelude = `
import { Worker, type NativeConnection } from '@temporalio/worker';
declare const connection: NativeConnection;
declare const taskQueue: string;
declare const workflowsPath: string;
declare const activities: object;
declare const config: import('loadline').LoadlineConfig;
declare const input: { day: string };
declare const request: import('loadline').LoadRequest;
declare function require(id: string): unknown;
declare namespace require { function resolve(id: string): string; }
export {};
`;

const options: ts.CompilerOptions = {
  strict: true,
  noEmit: true,
  skipLibCheck: true,
  target: ts.ScriptTarget.ES2022,
  lib: ['lib.es2022.d.ts'],
  module: ts.ModuleKind.Node16,
  moduleResolution: ts.ModuleResolutionKind.Node16,
  esModuleInterop: true,
  types: ['node'],
  typeRoots: [join(root, 'node_modules/@types')],
  paths: Object.fromEntries(Object.entries(entries).map(([name, file]) => [name, [join(root, file)]])),
};

/** Compiles examples as modules of one project, in which files of these texts exist too. Resolves to what is wrong. */
export function compile(examples: readonly Example[], files: Readonly<Record<string, string>> = {}): string[] {
  const project = join(root, 'examples-of-docs');
  const names = exportedNames();
  const virtual = new Map(Object.entries(files).map(([path, text]) => [join(project, path), text]));
  const places = new Map<string, string>([...virtual.keys()].map((file) => [file, file.slice(project.length + 1)]));
  examples.forEach(({ place, text }, index) => {
    const file = join(project, `example-${index}.ts`);
    virtual.set(file, asModule(text, names, ownExports(place)));
    places.set(file, place);
  });
  const host = ts.createCompilerHost(options);
  const { fileExists, readFile, getSourceFile, directoryExists } = host;
  host.fileExists = (file) => virtual.has(resolve(file)) || fileExists.call(host, file);
  host.readFile = (file) => virtual.get(resolve(file)) ?? readFile.call(host, file);
  host.directoryExists = (folder) =>
    [...virtual.keys()].some((file) => dirname(file).startsWith(resolve(folder))) ||
    directoryExists!.call(host, folder);
  host.getSourceFile = (file, version, ...rest) => {
    const text = virtual.get(resolve(file));
    return text === undefined
      ? getSourceFile.call(host, file, version, ...rest)
      : ts.createSourceFile(file, text, version);
  };
  const program = ts.createProgram([...virtual.keys()], options, host);
  return [...virtual.keys()].flatMap((file) => {
    const source = program.getSourceFile(file);
    const found = [...program.getSyntacticDiagnostics(source), ...program.getSemanticDiagnostics(source)];
    return found.map(({ messageText }) => `${places.get(file)}: ${ts.flattenDiagnosticMessageText(messageText, '\n')}`);
  });
}

/** A block with what a reader knows from its place: imports by name, and the words that its text has introduced. */
function asModule(text: string, names: ReadonlyMap<string, string>, own: ReadonlyMap<string, string>): string {
  if (/^import /m.test(text) || /^declare module/m.test(text)) return text;
  const declared = (name: string): boolean =>
    new RegExp(`\\b(const|let|function|class|type|interface) (\\{[^}]*\\b)?${name}\\b`).test(text);
  const used = (name: string): boolean => new RegExp(`(?<![.\\w'/])${name}\\b(?!\\s*:)`).test(text) && !declared(name);
  const known = new Map([...own, ...names]);
  const imports = [...known].filter(([name]) => used(name)).map(([name, from]) => `import { ${name} } from '${from}';`);
  const words = prelude.split('\n').filter((line) => {
    const [, name] = /^declare (?:const|function) (\w+)/.exec(line) ?? [];
    return name === undefined || !declared(name);
  });
  const body = /^(export|declare) /m.test(text) ? text : `export async function example() {\n${text}\n}`;
  return [...imports, ...words, body].join('\n');
}

/** What the file of a docstring exports: an example beside an internal function may call it. */
function ownExports(place: string): Map<string, string> {
  const [file = ''] = place.split(':');
  if (!file.endsWith('.ts')) return new Map();
  const text = readFileSync(join(root, file), 'utf8');
  const found = [...text.matchAll(/^export (?:async )?(?:function|const) (\w+)/gm)].map(([, name = '']) => name);
  return new Map(found.map((name) => [name, join(root, file.replace(/\.ts$/, ''))]));
}

/** Every public name, and the subpath to import it from. */
function exportedNames(): Map<string, string> {
  const program = ts.createProgram(
    Object.values(entries).map((file) => join(root, file)),
    options,
  );
  const checker = program.getTypeChecker();
  const names = new Map<string, string>();
  for (const [from, file] of Object.entries(entries)) {
    const module = checker.getSymbolAtLocation(program.getSourceFile(join(root, file))!)!;
    for (const { name } of checker.getExportsOfModule(module)) if (!names.has(name)) names.set(name, from);
  }
  return names;
}
