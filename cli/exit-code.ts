/** What the process tells its caller. */
export const exitCodes = {
  /** Loaded, already loaded, or nothing to load. */
  ok: 0,
  failed: 1,
  usage: 2,
  held: 3,
  rejected: 4,
  insufficientEvidence: 5,
  /** Ctrl-C while waiting: the load goes on without us. */
  detached: 130,
} as const;

/** One of {@link exitCodes}. */
export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

const asked = ['InvalidRequest', 'UnknownContract', 'UnknownStore', 'UnknownWarehouse', 'UnknownWorkflow', 'Usage'];

/** The exit code of a failure: wrong use is told apart from a failed and from a rejected load. */
export function exitCodeOfError(code: string): ExitCode {
  if (asked.includes(code)) return exitCodes.usage;
  if (code === 'NoHistories') return exitCodes.insufficientEvidence;
  return code === 'Rejected' ? exitCodes.rejected : exitCodes.failed;
}

/** The exit code of receipts: one rejected load decides. */
export function exitCodeOfReceipts(receipts: readonly { readonly outcome: string }[]): ExitCode {
  return receipts.some(({ outcome }) => outcome === 'rejected') ? exitCodes.rejected : exitCodes.ok;
}
