import { readdirSync, readFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { createSourceFile, forEachChild, isSourceFile, ScriptTarget, type Node } from 'typescript';

const root = resolve(__dirname, '../../..');
const shipped = ['activities', 'workflows', 'workers', 'client', 'cli', 'testing'];
const vendors: Readonly<Record<string, RegExp>> = {
  postgres: /postgres|\bpg\b/i,
  snowflake: /snowflake/i,
  bigquery: /big_?query/i,
};

/** Where a vendor must be named to be chosen: in the user's configuration, and where that is turned into an adapter. */
const composition = /^(workflows\/(config|root)|workers\/(config\/.+|open-\w+))\.ts$/;
/** The server that `loadline dev` and the testing kit bring along, and the words about it. */
const embedded = /^(workers\/embedded\/.+|testing\/[\w-]+|cli\/(dev|dev-screen)|cli\/commands\/(init|serve))\.ts$/;
/** Lists of names that no table can be called by. */
const reservedWords = 'cli/profile-text.ts';

const files = shipped
  .flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' }).map((f) => join(folder, f)),
  )
  .filter((file) => file.endsWith('.ts'));

/** The words of a file's code and texts, without its comments. */
function words(file: string): string[] {
  const found: string[] = [];
  const visit = (node: Node): void => {
    if (!isSourceFile(node) && node.getChildCount() === 0) found.push(node.getText());
    forEachChild(node, visit);
  };
  visit(createSourceFile(file, readFileSync(join(root, file), 'utf8'), ScriptTarget.Latest, true));
  return found;
}

test.each(Object.entries(vendors))('%s is named in its own folder, and where a warehouse is chosen', (vendor, name) => {
  const own = join('activities', 'warehouses', vendor);
  const elsewhere = files.filter((file) => relative(own, file).startsWith('..'));
  expect(elsewhere.length).toBeLessThan(files.length);
  const named = elsewhere
    .filter((file) => !composition.test(file) && !embedded.test(file) && file !== reservedWords)
    .filter((file) => name.test(file) || words(file).some((word) => name.test(word)));
  expect(named).toEqual([]);
});
