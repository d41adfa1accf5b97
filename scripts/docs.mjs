// `npm run docs`: writes docs/api from the docstrings and docs/errors from the error codes.
// `npm run docs:check`: fails when what is committed is not what would be written.
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { apiPages } from './docs/api-pages.mjs';
import { errorPages } from './docs/error-pages.mjs';

const docs = fileURLToPath(new URL('../docs/', import.meta.url));
const generated = ['api', 'errors'];

const { pages, told } = await apiPages();
if (told.length > 0) fail('The docstrings of what is public are not complete:', told);
const wanted = new Map(Object.entries({ ...pages, ...(await errorPages()) }));
const found = generated.flatMap((folder) =>
  existsSync(join(docs, folder)) ? readdirSync(join(docs, folder)).map((name) => `${folder}/${name}`) : [],
);
const stale = [...new Set([...wanted.keys(), ...found])].filter((path) => wanted.get(path) !== textOf(path)).sort();

if (process.argv.includes('--check')) {
  if (stale.length > 0)
    fail(
      'These pages are stale; `npm run docs` writes them anew:',
      stale.map((path) => `docs/${path}`),
    );
} else {
  for (const path of stale) {
    rmSync(join(docs, path), { force: true });
    if (!wanted.has(path)) continue;
    mkdirSync(dirname(join(docs, path)), { recursive: true });
    writeFileSync(join(docs, path), wanted.get(path));
  }
  console.log(stale.length === 0 ? 'docs: nothing to write' : `docs: ${stale.length} pages written`);
}

function textOf(path) {
  return existsSync(join(docs, path)) ? readFileSync(join(docs, path), 'utf8') : undefined;
}

function fail(what, lines) {
  console.error([what, ...lines.map((line) => `  ${line}`)].join('\n'));
  process.exit(1);
}
