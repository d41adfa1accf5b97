import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const root = join(__dirname, '..', '..', '..');
const installed = (name: string): string => join(root, 'node_modules', name);
let folder: string;

/** A project as a plain install makes it: the SDK's packages have each a copy of protobufjs of their own. */
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'loadline-protobufjs-'));
  const modules = join(folder, 'node_modules');
  const copied = ['@temporalio/common', '@temporalio/proto'];
  mkdirSync(join(modules, '@temporalio'), { recursive: true });
  for (const name of copied) {
    cpSync(installed(name), join(modules, name), { recursive: true });
    cpSync(installed('protobufjs'), join(modules, name, 'node_modules', 'protobufjs'), { recursive: true });
  }
  for (const name of ['long', 'nexus-rpc', 'ms']) symlinkSync(installed(name), join(modules, name), 'dir');
  for (const part of ['workflows', 'workers'])
    cpSync(join(root, 'dist', part), join(modules, 'loadline', 'dist', part), { recursive: true });
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const inProject = (program: string): string => {
  writeFileSync(join(folder, 'program.js'), program);
  return execFileSync(process.execPath, ['program.js', join(root, 'test', 'histories')], {
    cwd: folder,
    encoding: 'utf8',
  });
};
const fileNames = readdirSync(join(root, 'test', 'histories')).filter((name) => name.endsWith('.json'));

test('histories are read and written beside a second copy of protobufjs, where the SDK cannot', () => {
  const said = inProject(`
    const { readFileSync, readdirSync } = require('node:fs');
    const { historyFromJSON } = require('@temporalio/common/lib/proto-utils');
    const { readHistory, writeHistory } = require('./node_modules/loadline/dist/workers/replay/history.js');
    const folder = process.argv[2];
    let bySdk = 'read';
    let read = 0;
    for (const name of readdirSync(folder).filter((name) => name.endsWith('.json'))) {
      const text = readFileSync(folder + '/' + name, 'utf8');
      try { historyFromJSON(JSON.parse(text)); } catch (error) { bySdk = error.message; }
      if (JSON.stringify(JSON.parse(writeHistory(readHistory(text, name).history))) === JSON.stringify(JSON.parse(text))) read++;
    }
    console.log(JSON.stringify({ bySdk, read }));`);
  expect(JSON.parse(said)).toEqual({ bySdk: 'type must be a Type', read: fileNames.length });
});
