'use strict';
/**
 * Watches the statements of the process that loads it, and ends, freezes or robs the process at one of them. The
 * shipped code knows nothing of it: statements are recognised by the comment that names their step.
 */
const { Client } = require('pg');
const { Context } = require('@temporalio/activity');

/** The activity that runs a statement, or nothing outside of one. */
function activity() {
  try {
    const { info } = Context.current();
    return { activity: info.activityType, workflowId: info.workflowExecution?.workflowId, attempt: info.attempt };
  } catch {
    return {};
  }
}

const tagOf = (text) => /^\/\* loadline:(\S+) \*\//.exec(text)?.[1];

function patchStatements(failpoints, tell, resumed) {
  const original = Client.prototype.query;
  const hits = new Map();

  const due = (client, tag, moment, running) =>
    failpoints.find((f) => {
      if (f.tag !== tag || f.moment !== moment) return false;
      if (f.activity && f.activity !== running.activity) return false;
      if (f.since && !client.sinceBegin?.has(f.since)) return false;
      hits.set(f, (hits.get(f) ?? 0) + 1);
      return hits.get(f) === (f.nth ?? 1);
    });

  const reach = (failpoint, running) => {
    tell({ kind: 'failpoint', ...failpoint, ...running });
    if (failpoint.do === 'hold') return resumed();
    process.kill(process.pid, failpoint.do);
    // The signal may reach another thread first: no further line of this one may run before it.
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, failpoint.do === 'SIGKILL' ? Infinity : 500);
    return undefined;
  };

  Client.prototype.query = function (...args) {
    const text = typeof args[0] === 'string' ? args[0] : args[0]?.text;
    const tag = typeof text === 'string' ? tagOf(text) : undefined;
    if (!tag) return original.apply(this, args);
    const running = activity();
    if (tag === 'begin') this.sinceBegin = new Set();
    this.sinceBegin?.add(tag);
    const note = (moment) => tell({ kind: 'statement', moment, tag, ...running });
    if (typeof args[0] !== 'string') return watchCopy(this, args, note, running);

    const run = () => {
      note('before');
      const before = due(this, tag, 'before', running);
      const send = () => {
        const lost = due(this, tag, 'answer', running);
        if (lost) loseAnswer(this, () => tell({ kind: 'failpoint', ...lost, ...running }));
        return original.apply(this, args);
      };
      const waiting = before && reach(before, running);
      return waiting ? waiting.then(send) : send();
    };
    return run().then(async (result) => {
      note('after');
      const after = due(this, tag, 'after', running);
      if (after) await reach(after, running);
      return result;
    });
  };

  /** A COPY is a stream that is written to: its moments are chunks. */
  function watchCopy(client, args, note, running) {
    const [copy] = args;
    const { write } = copy;
    let chunks = 0;
    note('before');
    copy.write = function (...written) {
      const accepted = write.apply(copy, written);
      if (++chunks === 1) note('first-chunk');
      const failpoint = chunks >= 2 && due(client, tagOf(copy.text), 'chunk', running);
      // Later, so that what was written is on its way.
      if (failpoint) setTimeout(() => void reach(failpoint, running), 0);
      return accepted;
    };
    copy.once('finish', () => note('after'));
    return original.apply(client, args);
  }
}

/** The server's answer arrives at this machine, and is lost together with the connection before anybody reads it. */
function loseAnswer(client, told) {
  const { stream } = client.connection;
  stream.removeAllListeners('data');
  stream.once('data', () => {
    told();
    stream.destroy();
  });
}

module.exports = { patchStatements };
