import { Document, isMap, isScalar, isSeq, type YAMLMap } from 'yaml';
import { plural } from './format';
import type { Profile } from '../activities/profile';

/** A proposed contract as YAML, with a reason beside each column. */
export function contractAsYaml(profile: Profile, file: string): string {
  const { contract, reasons } = profile;
  const document = new Document(contract);
  document.commentBefore = ` ${head(profile, file).join('\n ')}`;
  const columns = document.get('columns') as YAMLMap;
  for (const { key, value } of columns.items) {
    if (!isScalar(key) || !isMap(value)) continue;
    value.flow = true;
    value.comment = told(reasons[String(key.value)]).replace(/^/, ' ').trimEnd() || null;
  }
  const key = document.get('key');
  if (isSeq(key)) key.flow = true;
  const lines = document.toString({ lineWidth: 0, flowCollectionPadding: true }).split('\n');
  const at = lines.findIndex((line) => /^(key|newest|create):/.test(line));
  return [...lines.slice(0, at), ...keyComment(profile, '#'), ...lines.slice(at)].join('\n').trimEnd();
}

/** A proposed contract as a TypeScript module, with a reason beside each column. */
export function contractAsTypeScript(profile: Profile, file: string): string {
  const { contract, reasons } = profile;
  const { columns, ...rest } = contract;
  const { name, table, ...settings } = rest;
  return [
    ...head(profile, file).map((line) => `// ${line}`),
    "import { defineContract } from 'loadline';",
    '',
    `export const ${identifier(name)} = defineContract({`,
    `  name: ${literal(name)},`,
    `  table: ${literal(table)},`,
    '  columns: {',
    ...Object.entries(columns).map(
      ([column, is]) =>
        `    ${property(column)}: ${literal(is)},${told(reasons[column]).replace(/^./, (text) => ` // ${text}`)}`,
    ),
    '  },',
    ...keyComment(profile, '  //'),
    ...Object.entries(settings).map(([option, value]) => `  ${option}: ${literal(value)},`),
    '});',
  ].join('\n');
}

/** The third argument of `files` that such files need; `null` when none is needed. */
export function sourceOptions({ source: { csv, ...source } }: Pick<Profile, 'source'>): string | null {
  const options = { ...source, ...csv };
  return Object.keys(options).length > 0 ? literal(options) : null;
}

function head(profile: Profile, file: string): string[] {
  const options = sourceOptions(profile);
  return [
    `Proposed from ${file} (${plural(profile.rows, 'row')}): what these rows fulfil, which later files may not. Read it through.`,
    ...(profile.source.csv?.header === false
      ? ['The first line looks like a row. If it names the columns, say --header.']
      : []),
    ...(profile.contract.extraColumns ? ['A column without a name in the file is left out.'] : []),
    ...(options ? [`Such files are read with files(store, glob, ${options}).`] : []),
  ];
}

/** That text is text needs no reason. */
const told = (reason = ''): string => (reason === 'text' ? '' : reason);

/** Told above the key; where there is none, this says so. */
const keyComment = ({ keyReason, contract }: Profile, mark: string): string[] => [
  `${mark} ${contract.key ? 'key' : 'no key'}: ${keyReason}`,
];

/** A name as a TypeScript constant. */
export function identifier(name: string): string {
  const words = name.replace(/[^A-Za-z0-9_$]+/g, '_').replace(/^(\d)/, '_$1');
  return reserved.test(words) ? `${words}_` : words;
}

/** Words of the language, and names that the configuration of a new project uses. */
const reserved =
  /^(break|case|catch|class|const|continue|debugger|default|delete|do|else|enum|export|extends|false|finally|for|function|if|implements|import|in|instanceof|interface|let|new|null|package|private|protected|public|return|static|super|switch|this|throw|true|try|typeof|var|void|while|with|yield|await|config|env|postgres|undefined|eval|arguments)$/;

const property = (name: string): string => (/^[A-Za-z_$][\w$]*$/.test(name) ? name : literal(name));

/** Plain data as TypeScript on one line, as a formatter would leave it. */
export function literal(value: unknown): string {
  if (typeof value === 'string') return quoted(value);
  if (Array.isArray(value)) return `[${value.map(literal).join(', ')}]`;
  if (typeof value !== 'object' || value === null) return String(value);
  return `{ ${Object.entries(value)
    .map(([key, one]) => `${property(key)}: ${literal(one)}`)
    .join(', ')} }`;
}

function quoted(text: string): string {
  const json = JSON.stringify(text);
  return text.includes("'") ? json : `'${json.slice(1, -1).replaceAll('\\"', '"')}'`;
}
