import { createHash } from 'node:crypto';
import { instant } from '../../format';
import { notesOf, type Note } from '../notes';
import { noTrendText, trendsOf } from '../trends';
import { factsOf, identityOf, readText, stateWords } from '../words';
import { breakable, html, Html, type Content } from './safe';
import { style } from './style';
import { checksBlock, countsBlock, quarantineBlock } from './tables';
import { columnsBlock, trendsBlock } from './trends';
import type { LoadReport, TableReport } from '../load-report';

/** A report as a page that needs nothing beside itself: no script, no request, and no other style than its own. */
export function htmlReport(report: LoadReport): string {
  const title = `${report.pipeline}: ${stateWords[report.state]}`;
  const hash = createHash('sha256').update(style).digest('base64');
  const policy = `default-src 'none'; style-src 'sha256-${hash}'; img-src data:; base-uri 'none'; form-action 'none'`;
  // To the letter what was hashed.
  const styled = new Html(`<style>${style}</style>`);
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta http-equiv="Content-Security-Policy" content="${policy}" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="referrer" content="no-referrer" />
        <meta name="color-scheme" content="light dark" />
        <link rel="icon" href="data:," />
        <title>${title}</title>
        ${styled}
      </head>
      <body>
        ${header(report)}
        <main>
          ${notesOf(report).map(noteBlock)} ${report.tables.map((table, i) => tableSection(table, report, `t${i}`))}
          ${warningsBlock(report)}
          <section class="table">
            <h2>About this load</h2>
            <dl class="identity">${identityOf(report).map(([name, value]) => fact([name, breakable(value)]))}</dl>
          </section>
        </main>
        <footer>
          Made by Loadline ${report.toolVersion} on ${instant(report.at)}. No value of a row is in this page but, of
          numbers and times in columns that are not masked, the smallest, the largest and quantiles.
        </footer>
      </body>
    </html> `.text;
}

const tones = { loaded: 'good', adopted: 'cool', open: 'cool', held: 'warn', rejected: 'bad', 'rolled-back': 'warn' } as const; // prettier-ignore

function header(report: LoadReport): Html {
  const { pipeline, state, tables } = report;
  return html`<header>
    <div class="head">
      <svg viewBox="0 0 24 24" aria-hidden="true">
        <circle cx="12" cy="12" r="8" />
        <path d="M1 12h22" /></svg
      ><span>Load report</span>
    </div>
    <div class="title">
      <h1>${pipeline}</h1>
      <span class="state ${tones[state]}">${stateWords[state]}</span>
    </div>
    <p class="key">into ${tables.map(({ table }, i) => html`${i > 0 && ', '}${breakable(table)}`)}</p>
    <dl class="facts">${factsOf(report).map(fact)}</dl>
  </header>`;
}

const fact = ([name, value]: readonly [string, Content]): Html =>
  html`<div>
    <dt>${name}</dt>
    <dd>${value}</dd>
  </div>`;

function noteBlock({ tone, lines, commands }: Note): Html {
  return html`<div class="note ${tone}">
    ${lines.map((line) => html`<p>${line}</p>`)}${commands.length > 0 && html`<pre>${commands.join('\n')}</pre>`}
  </div> `;
}

function tableSection(table: TableReport, report: LoadReport, id: string): Html {
  const { counts, checks, quarantine, columns } = table;
  const none = noTrendText(table, report);
  return html`<section class="table" aria-labelledby="${id}">
    <h2 id="${id}">${breakable(table.table)}</h2>
    <p class="soft">${readText(table)}</p>
    ${counts && block(`${id}-rows`, 'What became of the rows', countsBlock(`${id}-rows`, counts))}
    ${checks.length > 0 && block(`${id}-checks`, 'Checks', checksBlock(`${id}-checks`, table))}
    ${quarantine && block(`${id}-aside`, 'Quarantine', quarantineBlock(`${id}-aside`, table, report.loadId))}
    ${trendsOf(table).length > 0 && block(`${id}-trends`, 'Load by load', trendsBlock(table))}
    ${columns.length > 0 && block(`${id}-columns`, 'Columns', columnsBlock(`${id}-columns`, table))}
    ${none && html`<p class="block soft">${none}</p>`}
  </section>`;
}

const block = (id: string, title: string, content: Html): Html =>
  html`<div class="block">
    <h3 id="${id}">${title}</h3>
    ${content}
  </div>`;

function warningsBlock({ warnings }: LoadReport): Html | false {
  if (warnings.length === 0) return false;
  const lines = warnings.map(({ code, message }) => html`<li><span class="warn">${code}</span> ${message}</li> `);
  return html`<section class="table">
    <h2>Warnings</h2>
    <ul>
      ${lines}
    </ul>
  </section>`;
}
