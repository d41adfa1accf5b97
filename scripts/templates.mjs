// `npm run templates`: writes the templates of GitLab and GitHub, and the tables of their inputs, from ci-templates/gate.yml.
// `npm run templates:check`: fails when what is committed is not what would be written.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { gitlabTemplate } from './templates/gitlab.mjs';
import { gateWorkflow, rollbackWorkflow, setupAction } from './templates/github.mjs';
import { renderYaml } from './templates/render.mjs';
import { readSource, root } from './templates/source.mjs';
import { withTables } from './templates/tables.mjs';

const source = readSource();
const generated = 'Generated from ci-templates/gate.yml by `npm run templates`.';
const told = Object.fromEntries(
  source.jobs.flatMap(({ name, what }) => [
    [name, what],
    [`$[[ inputs.job-prefix ]]${name}`, what],
  ]),
);
const wanted = {
  'ci-templates/gitlab/templates/gate.yml': await renderYaml(
    [generated, 'A component: one file, no global keyword, every step one command.'],
    gitlabTemplate(source),
    told,
  ),
  'ci-templates/github/workflows/loadline-gate.yml': await renderYaml([generated], [gateWorkflow(source)], told),
  'ci-templates/github/workflows/loadline-rollback.yml': await renderYaml(
    [generated],
    [rollbackWorkflow(source)],
    told,
  ),
  'ci-templates/github/actions/loadline-setup/action.yml': await renderYaml([generated], [setupAction()]),
  'docs/ci.md': await withTables(readFileSync(join(root, 'docs/ci.md'), 'utf8'), source),
};
const textOf = (path) => (existsSync(join(root, path)) ? readFileSync(join(root, path), 'utf8') : undefined);
const stale = Object.keys(wanted).filter((path) => wanted[path] !== textOf(path));

if (process.argv.includes('--check')) {
  if (stale.length > 0) {
    console.error(
      ['These files are stale; `npm run templates` writes them anew:', ...stale.map((path) => `  ${path}`)].join('\n'),
    );
    process.exit(1);
  }
} else {
  for (const path of stale) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), wanted[path]);
  }
  console.log(stale.length === 0 ? 'templates: nothing to write' : `templates: ${stale.length} files written`);
}
