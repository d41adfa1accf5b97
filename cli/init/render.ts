import { readFile } from 'node:fs/promises';
import { templatePath } from '../own-package';

/** Fills a template: `__name__` and its like are replaced by the values. A word without a value is a mistake of ours. */
export async function renderTemplate(file: string, values: Readonly<Record<string, string>>): Promise<string> {
  const text = await readFile(templatePath(`project/${file}`), 'utf8');
  return text.replace(/__([a-zA-Z]+)__/g, (word, name: string) => {
    const value = values[name];
    if (value === undefined) throw new Error(`The template ${file} has the word ${word}, which has no value.`);
    return value;
  });
}
