// A page for each error code: what it means, when it happens, whether it is tried again, what to do, and the message
// as the command line prints it.
import { createRequire } from 'node:module';
import { format } from 'prettier';
import { errorFacts } from './error-facts.mjs';

const require = createRequire(import.meta.url);
const { loadErrorCodes, loadErrors, takenBack } = require('../../dist/workflows/load-error-code.js');
const { loadFailure } = require('../../dist/workflows/load-error.js');
const { errorFacts: factsOf, renderError } = require('../../dist/cli/print-error.js');
const { retryText } = require('../../dist/cli/commands/explain.js');
const { stripVTControlCharacters } = require('node:util');

/** The pages by their path under docs/. */
export async function errorPages() {
  const unknown = Object.keys(errorFacts).filter((code) => !loadErrorCodes.includes(code));
  const missing = loadErrorCodes.filter((code) => !(code in errorFacts));
  if (missing.length > 0 || unknown.length > 0)
    throw new Error(
      `scripts/docs/error-facts.mjs lacks ${missing.join(', ') || 'nothing'}, and has ${unknown.join(', ') || 'nothing'} that is no code`,
    );
  const pages = loadErrorCodes.map((code) => [`errors/${code}.md`, pageOf(code)]);
  pages.push(['errors/README.md', index()]);
  const written = pages.map(async ([path, text]) => [
    path,
    await format(text, { parser: 'markdown', printWidth: 120 }),
  ]);
  return Object.fromEntries(await Promise.all(written));
}

function pageOf(code) {
  const { meaning, remedy } = loadErrors[code];
  const { when, example } = errorFacts[code];
  const shown = stripVTControlCharacters(renderError(factsOf(loadFailure(code, example))));
  return `# ${code}

${meaning}

**When.** ${when}

**What to do.** ${remedy}

**Tried again?** ${sentence(retryText(code))}

\`\`\`text
${shown}
\`\`\`

[All codes](README.md)
`;
}

function index() {
  const rows = loadErrorCodes.map(
    (code) =>
      `| [${code}](${code}.md) | ${loadErrors[code].meaning} | ${takenBack.includes(code) ? 'by the workflow' : words[loadErrors[code].retry]} |`,
  );
  return `# Error codes

A failure of Loadline has a code. It is the \`type\` of the Temporal failure, the first word that the command line prints,
and what \`isLoadError(error, code)\` compares. Codes are never renamed. \`loadline explain CODE\` tells the gist of a page.

Row values and secrets are in no message.

| code | what it means | tried again |
| --- | --- | --- |
${rows.join('\n')}
`;
}

const words = { true: 'yes', false: 'no', few: 'a few times' };
const sentence = (text) => `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
