/** The look of the page: light and dark, on a telephone and on paper. */
export const style = `
:root {
  color-scheme: light dark;
  --page: #ffffff; --card: #f6f8fa; --line: #dfe4ea; --ink: #17212b; --soft: #56636f;
  --then: #8494a3; --now: #0b6e8a; --good: #17713f; --warn: #855500; --bad: #b3261e; --odd: #b45f06;
  --p1: #0b6e8a; --p2: #58a6bd; --p3: #b0bdc9; --p4: #8494a3; --p5: #d99a1c; --p6: #c2574f;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #10151b; --card: #182029; --line: #2d3742; --ink: #e6ebf0; --soft: #a0adba;
    --then: #627384; --now: #4fc0dd; --good: #5bcf8f; --warn: #e9b44c; --bad: #ff8f85; --odd: #f0a04b;
    --p1: #4fc0dd; --p2: #2a7f96; --p3: #3e4b58; --p4: #627384; --p5: #e9b44c; --p6: #ff8f85;
  }
}
* { box-sizing: border-box; }
html { background: var(--page); color: var(--ink); -webkit-text-size-adjust: 100%; }
body {
  margin: 0 auto; max-width: 1140px; padding: 32px 24px 48px;
  font: 15px/1.5 system-ui, -apple-system, 'Segoe UI', Roboto, 'Noto Sans', 'DejaVu Sans', sans-serif;
  font-variant-numeric: tabular-nums; overflow-wrap: anywhere;
}
h1, h2, h3, p, dl, dd, figure { margin: 0; }
h1 { font-size: 28px; line-height: 1.2; letter-spacing: -0.01em; }
h2 { font-size: 20px; line-height: 1.3; }
h3 { font-size: 15px; margin-bottom: 10px; }
code, pre, .mono { font-family: ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace; font-size: 0.9em; }
pre { margin: 8px 0 0; padding: 10px 12px; background: var(--page); border: 1px solid var(--line); border-radius: 6px; white-space: pre-wrap; }
svg { display: block; }
.soft { color: var(--soft); }
.small { font-size: 13px; }
.head { display: flex; align-items: center; gap: 8px; margin-bottom: 14px; color: var(--soft); font-size: 13px; }
.head svg { width: 20px; height: 20px; fill: none; stroke: currentColor; stroke-width: 2; }
.title { display: flex; flex-wrap: wrap; align-items: center; gap: 8px 14px; }
.state { padding: 3px 12px; border: 1.5px solid currentColor; border-radius: 99px; font-weight: 600; font-size: 14px; white-space: nowrap; }
.good { color: var(--good); } .warn { color: var(--warn); } .bad { color: var(--bad); } .cool { color: var(--now); }
.key { margin-top: 6px; color: var(--soft); }
.facts { display: flex; flex-wrap: wrap; gap: 14px 22px; margin-top: 22px; }
.facts dt { color: var(--soft); font-size: 13px; }
.facts dd { font-weight: 500; }
.identity { display: grid; grid-template-columns: max-content 1fr; gap: 6px 24px; margin-top: 14px; }
.identity div { display: contents; }
.identity dt { color: var(--soft); }
.note { margin-top: 22px; padding: 14px 16px; background: var(--card); border-left: 4px solid currentColor; border-radius: 6px; }
.note > * { color: var(--ink); }
.note p + p { margin-top: 4px; }
.table { margin-top: 36px; padding-top: 22px; border-top: 1px solid var(--line); }
.block { margin-top: 26px; }
.strip { width: 100%; height: 14px; margin-bottom: 10px; border-radius: 4px; overflow: hidden; }
.p1 { fill: var(--p1); } .p2 { fill: var(--p2); } .p3 { fill: var(--p3); } .p4 { fill: var(--p4); } .p5 { fill: var(--p5); } .p6 { fill: var(--p6); }
.dot { display: inline-block; width: 10px; height: 10px; margin-right: 8px; vertical-align: baseline; }
table { width: 100%; border-collapse: collapse; }
th, td { padding: 7px 12px 7px 0; text-align: left; vertical-align: top; border-bottom: 1px solid var(--line); }
th:last-child, td:last-child { padding-right: 0; }
thead th { color: var(--soft); font-weight: 500; font-size: 13px; }
tbody th { font-weight: 500; }
.counts th:first-child { width: 150px; } .counts .number { width: 110px; } .counts .number + td, .counts .number + th:last-child { padding-left: 24px; }
td.number, th.number { text-align: right; white-space: nowrap; }
td.tight, th.tight { white-space: nowrap; overflow-wrap: normal; }
.reasons .number { width: 90px; } .bar { width: 40%; } .bar svg { width: 100%; height: 10px; margin-top: 6px; }
.plots { display: grid; grid-template-columns: repeat(auto-fill, minmax(190px, 1fr)); gap: 12px; }
.plots figure { padding: 12px 14px 10px; background: var(--card); border-radius: 8px; }
.plots figcaption { display: flex; flex-wrap: wrap; justify-content: space-between; align-items: baseline; gap: 0 8px; margin-bottom: 8px; }
.plots figcaption span { font-size: 13px; } .plots strong { font-size: 16px; }
.ends { margin-top: 6px; font-size: 12px; }
.plot { width: 100%; height: auto; overflow: visible; }
.then rect { fill: var(--then); } .now rect { fill: var(--now); } .sign { fill: var(--odd); }
.plot rect.median { fill: var(--page); }
.plot rect.hit { fill: transparent; } g:hover rect.hit { fill: var(--line); opacity: 0.6; }
.base { stroke: var(--line); fill: none; } .usual { stroke: var(--ink); stroke-width: 1; stroke-dasharray: 2 4; fill: none; opacity: 0.7; }
.columns .plot { max-width: 260px; min-width: 110px; margin-top: 4px; }
.columns td { min-width: 90px; }
.legend { margin-top: 10px; color: var(--soft); font-size: 13px; }
.legend span { display: inline-block; margin-right: 14px; }
.legend i { display: inline-block; width: 9px; height: 9px; margin-right: 6px; border-radius: 2px; }
.legend .l-line { width: 14px; height: 0; border-top: 2px dotted var(--ink); border-radius: 0; vertical-align: 3px; }
.legend .l-now { background: var(--now); } .legend .l-then { background: var(--then); } .legend .l-odd { background: var(--odd); border-radius: 9px; }
footer { margin-top: 40px; padding-top: 16px; border-top: 1px solid var(--line); color: var(--soft); font-size: 13px; }
@media (max-width: 640px) {
  body { padding: 20px 16px 32px; }
  h1 { font-size: 23px; }
  .facts { gap: 12px 24px; }
  .identity, .identity div { display: block; }
  .identity dd { margin-bottom: 8px; }
  .stack, .stack tbody, .stack tr, .stack th, .stack td { display: block; }
  .stack thead { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
  .stack tr { padding: 10px 0; border-bottom: 1px solid var(--line); }
  .stack tbody th, .stack td { padding: 1px 0; border: 0; }
  .stack td[data-name]::before { content: attr(data-name) ' '; color: var(--soft); font-size: 13px; }
  .stack td:empty { display: none; }
  .columns .plot { max-width: none; }
  .counts .number { width: auto; } .counts .number + .number + * { display: none; }
  .plots { grid-template-columns: 1fr; }
}
@media print {
  :root { --page: #ffffff; --card: #ffffff; --line: #cccccc; --ink: #000000; --soft: #444444; --then: #999999; --now: #0b6e8a; --good: #17713f; --warn: #855500; --bad: #b3261e; --p1: #0b6e8a; --p2: #58a6bd; --p3: #b0bdc9; --p4: #8494a3; --p5: #d99a1c; --p6: #c2574f; }
  * { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
  body { max-width: none; padding: 0; font-size: 12px; }
  .small, .facts dt, thead th, .legend, .head, footer { font-size: 11px; }
  .plots figure { border: 1px solid var(--line); }
  tr, figure, .note { break-inside: avoid; }
  h2, h3 { break-after: avoid; }
}
`;
