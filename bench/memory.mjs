// Peak memory of a process and its children.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';

const everyMs = 50;

/** Resident memory of a process and all below it, in bytes. Pages that they share count in each. */
function treeRss(pid) {
  let total = 0;
  for (const each of tree(pid)) total += field(each, 'VmRSS');
  return total;
}

function tree(pid) {
  try {
    const threads = readdirSync(`/proc/${pid}/task`);
    const children = threads.flatMap((t) => readFileSync(`/proc/${pid}/task/${t}/children`, 'utf8').split(' '));
    return [pid, ...children.filter((c) => c.trim()).flatMap((c) => tree(Number(c)))];
  } catch {
    return [pid];
  }
}

function field(pid, name) {
  try {
    return (
      Number(new RegExp(`${name}:\\s+(\\d+) kB`).exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) * 1024
    );
  } catch {
    return 0;
  }
}

/** The most that a process has had resident since its start, or since the last watch began. */
export const peakOf = (pid) => field(pid, 'VmHWM');

/** Watches a tree; the returned function stops and tells its peak: the highest sample, or the kernel's own mark. */
export function watchMemory(pid) {
  forgetPeak(pid);
  let peak = treeRss(pid);
  const sampling = setInterval(() => (peak = Math.max(peak, treeRss(pid))), everyMs);
  return () => {
    clearInterval(sampling);
    return Math.max(peak, treeRss(pid), peakOf(pid));
  };
}

/** Sets the kernel's high-water mark back to what is resident now. */
function forgetPeak(pid) {
  try {
    writeFileSync(`/proc/${pid}/clear_refs`, '5');
  } catch {
    // Where that is not allowed the mark is the peak since the worker's start.
  }
}
