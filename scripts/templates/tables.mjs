import { format, resolveConfig } from 'prettier';
import { join } from 'node:path';
import { root } from './source.mjs';

/** Puts the tables of inputs between the marks of a page. */
export async function withTables(page, { inputs, jobs }) {
  const tables = {
    inputs: table(['input', 'type', 'default', 'what it is'], inputs.filter(({ only }) => !only).map(row)),
    gitlab: table(['input', 'type', 'default', 'what it is'], inputs.filter(({ only }) => only === 'gitlab').map(row)),
    github: table(['input', 'type', 'default', 'what it is'], inputs.filter(({ only }) => only === 'github').map(row)),
    jobs: table(
      ['job', 'stage', 'after', 'command', 'what it does'],
      jobs.map(({ name, stage, needs, run, what }) => [
        `\`${name}\``,
        stage,
        needs.join(', ') || '–',
        `\`${run}\``,
        what,
      ]),
    ),
  };
  const filled = page.replace(
    /(<!-- (\w+): generated -->\n)[\s\S]*?(<!-- end -->)/g,
    (_, begin, name, end) => `${begin}\n${tables[name]}\n\n${end}`,
  );
  return format(filled, { ...(await resolveConfig(join(root, 'package.json'))), parser: 'markdown' });
}

function row({ name, type, options, description, ...rest }) {
  const kind = options ? options.map((one) => `\`${one}\``).join(', ') : type === 'array' ? 'list' : type;
  return [`\`${name}\``, kind, 'default' in rest ? `\`${JSON.stringify(rest.default)}\`` : '**required**', description];
}

const table = (head, rows) =>
  [head, head.map(() => '---'), ...rows]
    .map((cells) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`)
    .join('\n');
