// The API reference, from the docstrings: one page for each entry point of the package.
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Application } from 'typedoc';

const root = fileURLToPath(new URL('../../', import.meta.url));
const entries = { loadline: 'workflows/root.ts', workflows: 'workflows/index.ts', activities: 'activities/index.ts', workers: 'workers/index.ts', client: 'client/index.ts', testing: 'testing/index.ts' }; // prettier-ignore

/** The pages by their path under docs/, and what is not documented. */
export async function apiPages() {
  const out = mkdtempSync(join(tmpdir(), 'loadline-api-'));
  const told = [];
  const app = await Application.bootstrapWithPlugins({
    name: 'API',
    plugin: ['typedoc-plugin-markdown'],
    entryPoints: Object.values(entries).map((file) => join(root, file)),
    tsconfig: join(root, 'scripts/docs/tsconfig.json'),
    basePath: root,
    readme: 'none',
    out,
    skipErrorChecking: true,
    disableSources: true,
    disableGit: true,
    hideGenerator: true,
    excludeExternals: true,
    excludeInternal: true,
    excludePrivate: true,
    sort: ['source-order'],
    validation: { notDocumented: true, invalidLink: true, notExported: false },
    requiredToBeDocumented: ['Function', 'Class', 'Interface', 'TypeAlias', 'Variable', 'Method'],
    outputFileStrategy: 'modules',
    hideBreadcrumbs: true,
    hidePageHeader: true,
    useCodeBlocks: true,
    excludeReferences: true,
    parametersFormat: 'table',
    interfacePropertiesFormat: 'table',
    typeDeclarationFormat: 'table',
    propertiesFormat: 'table',
    typeAliasPropertiesFormat: 'table',
    indexFormat: 'table',
  });
  app.logger.addContext = (message) => message;
  app.logger.log = (message, level) => level >= 2 && told.push(message);
  try {
    const project = await app.convert();
    if (!project) throw new Error(`typedoc could not read the sources:\n${told.join('\n')}`);
    for (const child of project.children ?? []) child.name = nameOf(child.name);
    app.validate(project);
    await app.generateOutputs(project);
    return { pages: pagesIn(out), told };
  } finally {
    rmSync(out, { recursive: true, force: true });
  }
}

const nameOf = (module) =>
  Object.keys(entries).find(
    (name) => entries[name].startsWith(`${module}.`) || entries[name].startsWith(`${module}/index.`),
  ) ?? module;

function pagesIn(folder) {
  const files = readdirSync(folder, { recursive: true }).filter((name) => name.endsWith('.md'));
  return Object.fromEntries(files.map((name) => [`api/${name}`, readFileSync(join(folder, name), 'utf8')]));
}
