import { join } from 'node:path';
import { Document, Scalar, YAMLMap, visit } from 'yaml';
import { format, resolveConfig } from 'prettier';
import { root } from './source.mjs';

/** Writes documents as YAML, formatted as the tree is. `comments` are told before the keys of their names. */
export async function renderYaml(head, documents, comments = {}) {
  const texts = documents.map((value) => {
    const document = new Document(withPins(value), { aliasDuplicateObjects: false });
    visit(document, {
      Pair(_, { key }, path) {
        const jobs = path.length <= 2 || path.at(-2)?.key?.value === 'jobs';
        const text = jobs && comments[key.value];
        if (text) key.commentBefore = ` ${text}`;
      },
    });
    return document.toString({ lineWidth: 0 });
  });
  const options = (await resolveConfig(join(root, 'package.json'))) ?? {};
  return format(`${head.map((line) => `# ${line}\n`).join('')}\n${texts.join('---\n')}`, {
    ...options,
    parser: 'yaml',
  });
}

/** An action of others is pinned by its commit, and its version is told behind. */
function withPins(value) {
  if (Array.isArray(value)) return value.map(withPins);
  if (typeof value !== 'object' || value === null || value instanceof Scalar || value instanceof YAMLMap) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, one]) => [key, key === 'uses' && Array.isArray(one) ? pin(one) : withPins(one)]),
  );
}

function pin([action, commit, version]) {
  const scalar = new Scalar(`${action}@${commit}`);
  scalar.comment = ` ${version}`;
  return scalar;
}
