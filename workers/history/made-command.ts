/** A command that workflow code makes of what it was told. */
export interface MadeCommand {
  readonly kind: 'activity' | 'local-activity' | 'timer' | 'child' | 'signal' | 'continue-as-new';
  /** Of a timer: how long it is. */
  readonly type: string;
  readonly id: string;
  readonly args: readonly unknown[];
}
