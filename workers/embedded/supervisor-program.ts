/**
 * The program that stands between this process and a server: it ends the server when this process ends, however that
 * happened. Node cannot ask the kernel for that, but the IPC channel closes even on SIGKILL. It is text run by
 * `node -e`, so that it needs no file that is found from sources and from the built package alike.
 */
export const supervisorProgram = `
const { spawn } = require('node:child_process');
const { command, args, stopSignal, graceMs, uid, gid } = JSON.parse(process.argv[1]);
const server = spawn(command, args, { stdio: ['ignore', 'inherit', 'inherit'], uid, gid, windowsHide: true });
const tell = (message, then = () => {}) => (process.connected ? process.send(message, then) : then());
let stopping = false;
function stop() {
  if (stopping) return;
  stopping = true;
  server.kill(stopSignal);
  setTimeout(() => server.kill('SIGKILL'), graceMs);
}
server.once('spawn', () => tell({ pid: server.pid }));
server.once('error', (error) => tell({ error: error.message }, () => process.exit(1)));
server.once('exit', (code, signal) => tell({ exit: signal ?? 'exit code ' + code }, () => process.exit(0)));
process.on('disconnect', stop);
process.on('message', stop);
for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP']) process.on(signal, stop);
`;
