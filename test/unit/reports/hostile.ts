import { findingsOf, type Finding, type Findings } from '../../../cli/reports/findings';

/** A text that ends attributes, tags, lines, cells, commands and links wherever it is not written with care. */
export const hostile = `a|b "c" <img src=x onerror=alert(1)> & 'd' \`e\` [f](http://g) ,:% @h *i* \\ {0} \u0000\u001b[31m\ufffe\ud800 ü🦀\r\n::error::j\n# k <script>]]>`;

/** Findings of each level, hostile in every text, with and without a place, and of an error code. */
export const hostileFindings = (more: Partial<Findings> & { findings?: Finding[] } = {}): Findings =>
  findingsOf({
    tool: 'loadline check',
    toolVersion: '1.2.3',
    subject: hostile,
    at: '2026-11-22T06:00:00.000Z',
    counts: { rows: 1234, files: 1 },
    passed: [{ id: 'id.type', title: 'integer' }, { id: hostile, title: hostile }],
    findings: [
      { id: `${hostile}.range`, level: 'error', title: hostile, message: hostile, file: 'a,b: c%/ü "p".yml', line: 5, column: 11, facts: { kind: hostile } },
      { id: 'b.accepted', level: 'warning', title: 'b', message: 'm', file: 'p.yml', facts: { kind: 'accepted', broken: 2 } },
      { id: 'b.range', level: 'warning', title: 'b', message: 'm', file: 'p.yml', line: 7, facts: { kind: 'range' } },
      { id: 'MissingColumn', level: 'error', title: 'c', message: 'm', file: 'deep/er/s.csv', line: 1, facts: { kind: 'MissingColumn' } },
      { id: 'checks.known', level: 'notice', title: 'c', message: 'needs the warehouse' },
    ],
    ...more,
  }); // prettier-ignore
