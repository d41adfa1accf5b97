// A terminal's screen as an SVG that is read on a light and on a dark page. The screen is what a real terminal
// emulator makes of the bytes that the program wrote.
import xterm from '@xterm/headless';

const palette = {
  light: { page: '#ffffff', frame: '#d0d7de', text: '#1f2328', dim: '#656d76', colours: ['#1f2328', '#cf222e', '#116329', '#9a6700', '#0969da', '#8250df', '#1b7c83', '#656d76'] },
  dark: { page: '#0d1117', frame: '#30363d', text: '#e6edf3', dim: '#8b949e', colours: ['#e6edf3', '#ff7b72', '#56d364', '#e3b341', '#79c0ff', '#d2a8ff', '#56d4dd', '#8b949e'] },
}; // prettier-ignore
const cell = { width: 8.43, height: 19 };
const margin = 16;

/** What the screen shows after the bytes, as lines of runs of cells that look alike. */
export async function screenOf(bytes, columns) {
  const terminal = new xterm.Terminal({ cols: columns, rows: 200, allowProposedApi: true, convertEol: false });
  await new Promise((resolve) => terminal.write(bytes, resolve));
  const buffer = terminal.buffer.active;
  const lines = Array.from({ length: buffer.length }, (_, y) => runsOf(buffer.getLine(y), columns));
  while (lines.length > 0 && lines.at(-1).length === 0) lines.pop();
  return lines;
}

function runsOf(line, columns) {
  const runs = [];
  for (let x = 0; x < columns; x++) {
    const at = line?.getCell(x);
    const text = at?.getChars() || ' ';
    const style = at ? styleOf(at) : '';
    const last = runs.at(-1);
    if (last?.style === style) last.text += text;
    else runs.push({ x, style, text });
  }
  return runs.filter(({ text }) => text.trim() !== '');
}

function styleOf(at) {
  const colour = at.isFgPalette() ? `c${at.getFgColor() % 8}` : at.isDim() ? 'd' : '';
  return [colour, at.isBold() ? 'b' : ''].filter(Boolean).join(' ');
}

/** The picture of a command and of what it showed. */
export function svgOf(command, lines, columns) {
  const prompt = [
    { x: 0, style: 'c6 b', text: '$' },
    { x: 2, style: 'b', text: command },
  ];
  const all = [prompt, ...lines];
  const width = Math.ceil(columns * cell.width + margin * 2);
  const height = Math.ceil(all.length * cell.height + margin * 2);
  const text = all.flatMap((runs, y) => runs.map((run) => textOf(run, margin + (y + 0.75) * cell.height)));
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img" aria-label="${escaped(command)}">
<style>${css()}</style>
<rect class="p" x=".5" y=".5" width="${width - 1}" height="${height - 1}" rx="8"/>
${text.join('\n')}
</svg>
`;
}

function textOf({ x, style, text }, y) {
  const trimmed = text.trimEnd();
  const lead = trimmed.length - trimmed.trimStart().length;
  const shown = trimmed.trimStart();
  const at = margin + (x + lead) * cell.width;
  const length = (shown.length * cell.width).toFixed(1);
  const named = style ? ` class="${style}"` : '';
  return `<text${named} x="${at.toFixed(1)}" y="${y.toFixed(1)}" textLength="${length}" xml:space="preserve">${escaped(shown)}</text>`;
}

function css() {
  const of = ({ page, frame, text, dim, colours }) =>
    `.p{fill:${page};stroke:${frame}}text{fill:${text}}.d{fill:${dim}}${colours.map((c, i) => `.c${i}{fill:${c}}`).join('')}`;
  const font =
    "text{font:14px ui-monospace,SFMono-Regular,Menlo,Consolas,'DejaVu Sans Mono',monospace;white-space:pre}.b{font-weight:bold}";
  return `${font}${of(palette.light)}@media(prefers-color-scheme:dark){${of(palette.dark)}}`;
}

const escaped = (text) => text.replace(/[&<>"]/g, (c) => `&#${c.charCodeAt(0)};`);
