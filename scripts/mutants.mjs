#!/usr/bin/env node
/**
 * Removes each protection of the protocol once, in a copy of the sources, and demands that a test notices. First the same
 * tests must pass on sources that are whole. Options: `--only=<part of a name>|<of another>`, `--report=<file>`,
 * `--passed=<Jest's JSON report>,<another>`: suites that have just passed here need not run once more on whole sources.
 */
import { execFile } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { availableParallelism, tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createJiti } from 'jiti';
import { mutants as all } from '../test/mutants/mutants.mjs';
import { saidInALine } from './said-in-a-line.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const require = createRequire(import.meta.url);
const option = (name) => process.argv.find((a) => a.startsWith(`--${name}=`))?.slice(name.length + 3);
const only = option('only');
const mutants = all.filter((m) => !only || only.split('|').some((part) => m.name.includes(part)));
/** The compiler's number for a file of another part. */
const outsideRootDir = 6059;
const patienceMs = 120_000;
/** All of the suites, one after the other. */
const wholePatienceMs = 900_000;
const jest = require.resolve('jest/bin/jest');

const say = (line) => process.stdout.write(`${line}\n`);
const begun = Date.now();
const outcomes = [];
const folder = mkdtempSync(join(tmpdir(), 'loadline-mutants-'));
let servers = { env: {}, stop: async () => undefined };
let failed = false;

try {
  // One more than there are cores: tests wait for locks and processes as often as they compute.
  const lanes = Array.from({ length: Math.min(2, availableParallelism()) + 1 }, (_, i) =>
    makeLane(join(folder, `lane-${i}`)),
  );
  build();
  servers = await startServers();
  await demandGreen(lanes[0]);
  const compile = compiler();
  const queue = [...mutants];
  await Promise.all(
    lanes.map(async (lane) => {
      for (let mutant = queue.shift(); mutant; mutant = queue.shift()) {
        const outcome = { ...(await judge(mutant, lane, compile)), mutant };
        outcomes.push(outcome);
        say(
          `${outcome.killed ? 'killed  ' : outcome.verdict.padEnd(8)}  ${mutant.name}  (${outcome.seconds} s)${outcome.why ? `\n            ${outcome.why}` : ''}`,
        );
      }
    }),
  );
} catch (error) {
  failed = true;
  say(String(error?.message ?? error));
} finally {
  await servers.stop();
  rmSync(folder, { recursive: true, force: true });
}
conclude();

/** A copy of everything that a test run needs; packages are linked, not copied. */
function makeLane(lane) {
  mkdirSync(lane, { recursive: true });
  const parts = [
    'workflows',
    'activities',
    'workers',
    'client',
    'cli',
    'testing',
    'ci-templates',
    'test',
    'package.json',
    'jest.config.js',
    'tsconfig.base.json',
    'tsconfig.json',
  ];
  for (const part of parts)
    if (existsSync(join(root, part))) cpSync(join(root, part), join(lane, part), { recursive: true });
  symlinkSync(join(root, 'node_modules'), join(lane, 'node_modules'));
  return lane;
}

function build() {
  // For the servers only: tests read the sources.
  return require('node:child_process').execFileSync(
    process.execPath,
    [require.resolve('typescript/bin/tsc'), '-b', 'workers'],
    { cwd: root },
  );
}

async function startServers() {
  const built = (name) => require(join(root, 'dist', 'workers', 'embedded', name));
  const { chmodSync } = require('node:fs');
  chmodSync(folder, 0o711);
  const [temporal, postgres, snowflake] = await Promise.all([
    built('temporal-server').startTemporalServer({
      ui: false,
      searchAttributes: built('stack').loadlineSearchAttributes ?? searchAttributes(),
    }),
    built('postgres').startPostgres({ dataDir: join(folder, 'postgres'), database: 'loadline_test' }),
    mutants.some(({ suite }) => suite.includes('/snowflake/')) ? startSnowflake() : null,
  ]);
  return {
    env: {
      LOADLINE_TEST_TEMPORAL_ADDRESS: temporal.address,
      LOADLINE_TEST_DATABASE_URL: postgres.url,
      ...(snowflake && { LOADLINE_TEST_SNOWFLAKE_URL: snowflake.url }),
    },
    stop: async () => void (await Promise.all([temporal.stop(), postgres.stop(), snowflake?.stop()])),
  };
}

/** One for all of its mutants: each test has a database of its own there, and what a test breaks it breaks in its database. */
async function startSnowflake() {
  const jiti = createJiti(import.meta.url);
  return (await jiti.import('../test/services/snowflake/start.ts')).startSnowflake();
}

function searchAttributes() {
  return { LoadlinePipeline: 'Keyword', LoadlineTarget: 'KeywordList', LoadlineOutcome: 'Keyword' };
}

async function demandGreen(lane) {
  const known = passedSuites();
  const suites = [...new Set(mutants.map((m) => m.suite))].filter((suite) => !known.has(suite));
  const titles = [...known].flatMap(([file, names]) => names.map((name) => ({ file, name })));
  if (suites.length) titles.push(...(await titlesOf(lane, suites)));
  const lost = mutants.filter((m) => !titles.some((t) => t.file.endsWith(m.suite) && t.name.includes(m.test)));
  if (lost.length) throw new Error(`No test of this name: ${lost.map((m) => `${m.suite}: ${m.test}`).join('; ')}`);
}

/** Suites that reports tell have passed, with the names of their tests. */
function passedSuites() {
  const reports = (option('passed') ?? '').split(',').filter((file) => file && existsSync(file));
  const results = reports.flatMap((file) => JSON.parse(readFileSync(file, 'utf8')).testResults);
  const passed = results.filter((r) => r.status === 'passed' && r.assertionResults.length > 0);
  return new Map(passed.map((r) => [relative(root, r.name), r.assertionResults.map((a) => a.fullName)]));
}

async function titlesOf(lane, suites) {
  const ran = await runJest(lane, ['--runTestsByPath', ...suites], wholePatienceMs);
  if (
    !ran.report ||
    ran.report.numFailedTests + ran.report.numRuntimeErrorTestSuites > 0 ||
    ran.report.numPassedTests === 0
  ) {
    throw new Error(`The tests fail without any mutant:\n${failures(ran) || ran.output.slice(-2_000)}`);
  }
  say(`whole sources: ${ran.report.numPassedTests} tests pass in ${seconds(ran)} s\n`);
  return ran.report.testResults.flatMap((r) =>
    r.assertionResults.map((a) => ({ file: relative(lane, r.name), name: a.fullName })),
  );
}

async function judge(mutant, lane, compile) {
  const file = join(lane, mutant.file);
  const whole = readFileSync(file, 'utf8');
  const found = whole.split(mutant.find).length - 1;
  if (found !== 1)
    return { verdict: 'stale', why: `occurs ${found} times in ${mutant.file}: ${mutant.find}`, seconds: 0 };
  const text = whole.replace(mutant.find, () => mutant.replace);
  const wrong = compile(mutant.file, text);
  if (wrong) return { verdict: 'invalid', why: `does not compile: ${wrong}`, seconds: 0 };
  writeFileSync(file, text);
  try {
    const test = (timeoutMs) => runJest(lane, ['--runTestsByPath', mutant.suite, '--testNamePattern', escaped(mutant.test), '--testTimeout', `${timeoutMs}`]); // prettier-ignore
    let ran = await test(20_000);
    // A setup that took too long tells nothing of the mutant.
    if (sawOf(ran).includes('timeout of 20000 ms for a hook')) ran = await test(60_000);
    const { numFailedTests = 0, numPassedTests = 0, numRuntimeErrorTestSuites = 0 } = ran.report ?? {};
    const base = { seconds: seconds(ran) };
    if (!ran.report || numRuntimeErrorTestSuites > 0)
      return { ...base, verdict: 'broken', why: `the suite did not run: ${ran.output.slice(-500)}` };
    if (numFailedTests > 0) return { ...base, verdict: 'killed', killed: true, why: sawOf(ran) };
    return { ...base, verdict: 'SURVIVED', why: `${numPassedTests} tests pass: ${mutant.suite}, ${mutant.test}` };
  } finally {
    writeFileSync(file, whole);
  }
}

function runJest(lane, args, timeout = patienceMs) {
  const begun = Date.now();
  const outputFile = join(lane, 'report.json');
  rmSync(outputFile, { force: true });
  return new Promise((resolve) => {
    const options = {
      cwd: lane,
      env: { ...process.env, ...servers.env },
      timeout,
      killSignal: 'SIGKILL',
      maxBuffer: 1 << 26,
    };
    execFile(
      process.execPath,
      [jest, '--json', '--outputFile', outputFile, '--forceExit', ...args],
      options,
      (_, stdout, stderr) => {
        const report = existsSync(outputFile) ? JSON.parse(readFileSync(outputFile, 'utf8')) : undefined;
        resolve({ report, output: `${stdout}\n${stderr}`, ms: Date.now() - begun });
      },
    );
  });
}

/** Tells whether a file still compiles with another text: one language service, kept warm. */
function compiler() {
  const ts = require('typescript');
  const config = (part) => {
    const path = join(root, part, 'tsconfig.json');
    return ts.parseJsonConfigFileContent(ts.readConfigFile(path, ts.sys.readFile).config, ts.sys, dirname(path));
  };
  const services = new Map();
  const serviceOf = (part) => {
    if (services.has(part)) return services.get(part);
    const { fileNames, options } = config(part);
    const changed = new Map();
    const service = ts.createLanguageService({
      getCompilationSettings: () => ({
        ...options,
        noUnusedLocals: false,
        noUnusedParameters: false,
        composite: false,
        incremental: false,
      }),
      getScriptFileNames: () => fileNames,
      getScriptVersion: (name) => String(changed.get(name)?.version ?? 0),
      getScriptSnapshot: (name) => {
        const text = changed.get(name)?.text ?? ts.sys.readFile(name);
        return text === undefined ? undefined : ts.ScriptSnapshot.fromString(text);
      },
      getCurrentDirectory: () => root,
      getDefaultLibFileName: ts.getDefaultLibFilePath,
      fileExists: ts.sys.fileExists,
      readFile: ts.sys.readFile,
      directoryExists: ts.sys.directoryExists,
      getDirectories: ts.sys.getDirectories,
      readDirectory: ts.sys.readDirectory,
      realpath: ts.sys.realpath,
    });
    services.set(part, { service, changed });
    return services.get(part);
  };
  return (file, text) => {
    const { service, changed } = serviceOf(file.split('/')[0]);
    const name = join(root, file);
    const version = (changed.get(name)?.version ?? 0) + 1;
    changed.set(name, { text, version });
    const found = [...service.getSyntacticDiagnostics(name), ...service.getSemanticDiagnostics(name)]
      // Said of the first file that imports from another part: parts are not built apart here.
      .filter(({ code }) => code !== outsideRootDir);
    changed.set(name, { text: ts.sys.readFile(name), version: version + 1 });
    return found.length ? ts.flattenDiagnosticMessageText(found[0].messageText, ' ') : '';
  };
}

function escaped(text) {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
function seconds({ ms }) {
  return Math.round(ms / 100) / 10;
}
/** A mutant must be noticed for what it breaks. */
function sawOf({ report }) {
  const [message] = (report?.testResults ?? []).flatMap((r) => r.assertionResults.flatMap((a) => a.failureMessages));
  return saidInALine(message).slice(0, 200);
}
function failures({ report }) {
  return (report?.testResults ?? [])
    .flatMap((r) =>
      r.assertionResults.length
        ? r.assertionResults.filter((a) => a.status === 'failed').map((a) => a.fullName)
        : [r.message],
    )
    .join('\n');
}

function conclude() {
  const killed = outcomes.filter((o) => o.killed);
  const left = outcomes.filter((o) => !o.killed);
  const skipped = mutants.length - outcomes.length;
  if (outcomes.length) {
    const width = Math.max(...outcomes.map((o) => o.mutant.name.length));
    say(`\n${'protection removed'.padEnd(width)}  verdict   noticed by`);
    for (const mutant of mutants) {
      const outcome = outcomes.find((o) => o.mutant === mutant);
      say(
        `${mutant.name.padEnd(width)}  ${(outcome?.verdict ?? 'not run').padEnd(8)}  ${outcome?.killed ? mutant.test : ''}`,
      );
    }
  }
  say(`\n${Math.round((Date.now() - begun) / 1000)} s`);
  const counts = { passed: killed.length, failed: left.length + (failed ? 1 : 0), skipped };
  const report = option('report');
  if (report) {
    mkdirSync(dirname(report), { recursive: true });
    writeFileSync(
      report,
      JSON.stringify(
        { ...counts, mutants: outcomes.map(({ mutant, verdict, why }) => ({ name: mutant.name, verdict, why })) },
        null,
        2,
      ),
    );
  }
  say(`${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`);
  process.exitCode = counts.failed > 0 || counts.passed === 0 ? 1 : 0;
}
