import { readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { globSync } from 'tinyglobby';
import ts from 'typescript';
import { loadFailure } from '../../../workflows/load-error';
import { loadErrorCodes, loadErrors } from '../../../workflows/load-error-code';
import { loadline, plain } from '../cli/streams';

const root = join(__dirname, '../../..');
/** One or more whole sentences, as a person would write them. */
const sentences = /^[A-Z`](?!.*(?:\.\.(?!\.)|[.?!][.,;:]| {2}|\s$)).*[.?!]$/s;
/** A part of a sentence: the full stop is set by whoever puts it into one. */
const phrase = /^(?!.* {2})\S(.*[^\s.;:])?$/s;

describe.each(loadErrorCodes)('%s', (code) => {
  const { meaning, remedy, retry } = loadErrors[code];

  test('says in sentences what it means and what to do', () => {
    expect(meaning).toMatch(sentences);
    expect(remedy).toMatch(sentences);
    expect(remedy).not.toBe(meaning);
    expect([true, false, 'few']).toContain(retry);
  });

  test('makes one text of code, object, expected, got and remedy', () => {
    const bare = loadFailure(code, { object: 'orders' });
    expect(bare.message).toBe(`${meaning} [orders] ${remedy}`);
    const full = loadFailure(code, { object: 'orders', expected: 'a', got: 'b' });
    expect(full.message).toBe(`${meaning} [orders] Expected a, got b. ${remedy}`);
    expect(full).toMatchObject({ type: code, nonRetryable: retry === false });
    expect(full.details).toEqual([{ code, object: 'orders', expected: 'a', got: 'b', remedy }]);
  });

  test('is explained', async () => {
    const { code: exit, out } = await loadline('explain', code);
    expect(exit).toBe(0);
    expect(plain(out)).toMatch(
      new RegExp(`^${code}\\n  means   .+\\n  retry   .+\\n  remedy  .+\\n  more    docs/errors/${code}.md\\n$`),
    );
    expect(out).toContain(meaning);
    expect(out).toContain(remedy);
  });
});

test('explain without a code lists every code with its meaning', async () => {
  const { out } = await loadline('explain');
  const lines = plain(out).trimEnd().split('\n');
  expect(lines.map((line) => line.split(/\s+/)[0])).toEqual(loadErrorCodes);
  for (const [i, code] of loadErrorCodes.entries()) expect(lines[i]).toContain(loadErrors[code].meaning);
});

interface Written {
  readonly where: string;
  readonly field: string;
  readonly text: string;
}

/** The texts that the sources pass to `loadFailure`, with a word in the place of each inserted value. */
function writtenTexts(): Written[] {
  const files = globSync('{workflows,activities,workers,client,testing,cli}/**/*.ts', { cwd: root, absolute: true });
  return files.flatMap((file) => {
    const source = ts.createSourceFile(file, readFileSync(file, 'utf8'), ts.ScriptTarget.ES2022, true);
    const found: Written[] = [];
    const visit = (node: ts.Node): void => {
      if (ts.isCallExpression(node) && node.expression.getText() === 'loadFailure')
        found.push(...textsOf(node, file, source));
      ts.forEachChild(node, visit);
    };
    visit(source);
    return found;
  });
}

function textsOf(call: ts.CallExpression, file: string, source: ts.SourceFile): Written[] {
  const facts = call.arguments[1];
  if (!facts || !ts.isObjectLiteralExpression(facts)) return [];
  return facts.properties.flatMap((property) => {
    const text = ts.isPropertyAssignment(property) ? textOf(property.initializer) : undefined;
    if (text === undefined) return [];
    const line = source.getLineAndCharacterOfPosition(property.getStart()).line + 1;
    return [{ where: `${relative(root, file)}:${line}`, field: property.name?.getText() ?? '', text }];
  });
}

function textOf(node: ts.Expression): string | undefined {
  if (ts.isStringLiteralLike(node)) return node.text;
  if (!ts.isTemplateExpression(node)) return undefined;
  // What is inserted at the end may bring its own full stop.
  const spans = node.templateSpans.map((span) => `X${span.literal.text}`).join('');
  const text = node.head.text + spans;
  return node.templateSpans.at(-1)?.literal.text === '' ? `${text}…` : text;
}

test('every failure that the sources make is worded like this', () => {
  const texts = writtenTexts();
  expect(texts.length).toBeGreaterThan(100);
  const open = (text: string): boolean => text.endsWith('…');
  const ill = texts.filter(({ field, text }) => {
    if (field === 'what' || field === 'remedy') return !sentences.test(open(text) ? text.replace(/…$/, '.') : text);
    if (field === 'expected' || field === 'got') return !phrase.test(text.replace(/…$/, ''));
    return false;
  });
  expect(ill.map(({ where, field, text }) => `${where} ${field}: ${text}`)).toEqual([]);
});
