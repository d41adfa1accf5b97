/** What a replay found, worst last told first. Each is an error code; see `loadline explain`. */
export type DivergenceCode =
  'Nondeterminism' | 'LoadKeyChanged' | 'LoadRequestChanged' | 'TimerChanged' | 'ReplayFailed';

/** Where the code does not do what a history says. Never holds the value of a row. */
export interface Divergence {
  readonly code: DivergenceCode;
  /** The event of the history that the code does not fit. */
  readonly eventId?: number;
  /** What the history has. */
  readonly expected?: string;
  /** What the code does. */
  readonly got?: string;
  readonly message: string;
  /** Of `LoadKeyChanged`: the parts of the load key that are others now. */
  readonly changed?: readonly ChangedPart[];
  /** The line of the workflow code, as an absolute path, where it can be known. */
  readonly file?: string;
  /** Counted from 1. */
  readonly line?: number;
  /** Counted from 1. */
  readonly column?: number;
}

/** A part of a load key, as history and code have it. */
export interface ChangedPart {
  /** Such as `pipeline` or `interval`. */
  readonly part: string;
  readonly from: string;
  readonly to: string;
  /** The change apart from the run that it was seen in, such as an interval's length instead of its bounds. */
  readonly kind: { readonly from: string; readonly to: string };
}

/** What came of one history. */
export interface ReplayVerdict {
  readonly name: string;
  readonly workflowId: string;
  readonly workflowType: string;
  readonly file?: string;
  /** Empty: it replays, and asks for the same. */
  readonly divergences: readonly Divergence[];
}
