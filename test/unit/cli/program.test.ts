import path from 'node:path';
import { loadErrorCodes } from '../../../workflows/load-error-code';
import { configText, project, removeProjects } from '../config/project';
import { loadline, plain } from './streams';

afterEach(removeProjects);

const contract = `{ name: 'orders', table: 'main/public.orders', columns: { id: { type: 'text' } }, key: ['id'] }`;
const config = (): string =>
  path.join(
    project({ 'loadline.config.ts': configText().replace('contracts: []', `contracts: [${contract}]`) }),
    'loadline.config.ts',
  );

describe('wrong use exits with 2 and says what to do:', () => {
  const cases: [title: string, args: string[], ...words: string[]][] = [
    ['no command', [], 'Usage: loadline'],
    ['an unknown command', ['rnu'], "Unknown command 'rnu'.", 'Did you mean run?'],
    ['an unknown option', ['run', '--laod', 'x'], "Unknown option '--laod'.", 'Did you mean --load?', '`loadline run --help`'],
    ['an option without its value', ['run', '--load'], 'argument missing'],
    ['a query that is empty', ['history', 'record', '--query', ''], '--query is empty.'],
    ['a folder that is empty', ['history', 'record', '--into', ''], '--into is empty.'],
    ['a workflow id that is empty', ['history', 'record', 'a', ''], '<workflow ids> is empty.'],
    ['a field that is empty', ['history', 'record', '--keep', 'a', '--keep', ''], '--keep is empty.'],
    ['a path that is empty', ['history', 'check', ''], '<paths> is empty.'],
    ['a report that is empty', ['schedules', 'apply', '--report', ''], '--report is empty.'],
    ['an output that is empty', ['check', 'a.yml', 'a.csv', '--output', ''], '--output is empty.'],
    ['an unknown error code', ['explain', 'BatchChangd'], 'Did you mean "BatchChanged"?'],
    ['nothing to run', ['run'], 'Nothing to run was named', '--load <contract>'],
    ['a workflow with the options of a load', ['run', 'daily', '--mode', 'merge'], '--mode does not go with the workflow daily'],
    ['input for a load', ['run', '--load', 'orders', '--input', '{}'], '--input belongs to a workflow'],
    ['a limit that is no number', ['loads', 'list', '--limit', 'all'], '1 to 1000'],
  ]; // prettier-ignore
  test.each(cases)('%s', async (_title, args, ...words) => {
    const { code, out, err } = await loadline(...args);
    expect(code).toBe(2);
    expect(out).toBe('');
    for (const word of words) expect(err).toContain(word);
  });

  const requests: [title: string, args: string[], ...words: string[]][] = [
    ['an unknown contract', ['--load', 'order'], 'UnknownContract', 'Did you mean "orders"?'],
    ['nothing to load from', ['--load', 'orders', '--mode', 'merge'], 'Nothing to load from', "--from raw:'path/*.csv'"],
    ['a path without a store', ['--load', 'orders', '--from', 'a.csv', '--mode', 'merge'], 'no <store>:<glob>'],
    ['an unknown store', ['--load', 'orders', '--from', 'rwa:a.csv', '--mode', 'merge'], 'UnknownStore', 'Did you mean "raw"?'],
    ['no mode', ['--load', 'orders', '--from', 'raw:a.csv'], 'No mode was given', 'insert-only'],
    ['an unknown mode', ['--load', 'orders', '--from', 'raw:a.csv', '--mode', 'upsert'], '--mode upsert is unknown', 'merge'],
    ['two intervals', ['--load', 'orders', '--from', 'raw:a.csv', '--day', '2026-01-01', '--month', '2026-01'], '--day and --month'],
    ['half an interval', ['--load', 'orders', '--from', 'raw:a.csv', '--interval', '2026-01-01'], 'no <start>..<end>'],
    ['a day that does not exist', ['--load', 'orders', '--from', 'raw:a.csv', '--day', '2026-02-30'], 'InvalidRequest', '2026-02-30'],
    ['partitions of a merge', ['--load', 'orders', '--from', 'raw:a.csv', '--mode', 'merge', '--partitions', '2026-01-01'], '--partitions means nothing'],
  ]; // prettier-ignore
  test.each(requests)('%s', async (_title, args, ...words) => {
    const { code, err } = await loadline('plan', '--config', config(), ...args);
    expect(code).toBe(2);
    for (const word of words) expect(err).toContain(word);
  });
});

test('every code is explained, whatever its case, and listed without an argument', async () => {
  const one = await loadline('explain', 'batchchanged');
  expect(plain(one.out)).toMatch(/^BatchChanged\n {2}means .*\n {2}retry .*\n {2}remedy /);
  const all = await loadline('explain', '--json');
  expect((JSON.parse(all.out) as { codes: { code: string }[] }).codes.map(({ code }) => code)).toEqual(loadErrorCodes);
  expect([one.code, all.code]).toEqual([0, 0]);
});

test('with --json an error is one object on stdout, wherever the flag stands', async () => {
  for (const args of [
    ['--json', 'run'],
    ['run', '--json'],
    ['run', '--json', '--laod', 'x'],
  ]) {
    const { code, out, err } = await loadline(...args);
    expect(code).toBe(2);
    expect((JSON.parse(out) as { error: { code: string } }).error.code).toBe('Usage');
    expect(err).toBe('');
  }
});

test('a configuration that is not there exits with 1 and ends with the remedy', async () => {
  const { code, err } = await loadline('loads', 'list', '--config', '/nowhere/loadline.config.ts');
  expect(code).toBe(1);
  expect(plain(err).trim().split('\n').at(-1)).toBe('→ Correct the path after --config.');
});

test('help and version exit with 0', async () => {
  const help = await loadline('--help');
  expect(help.out).toContain('Exit codes: 0 loaded');
  const version = await loadline('--version');
  expect([help.code, version.code]).toEqual([0, 0]);
  expect(version.out).toMatch(/^\d+\.\d+\.\d+\n$/);
});
