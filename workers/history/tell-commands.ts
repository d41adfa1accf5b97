/**
 * Tells every command that workflow code makes, with what it passes on. Bundled beside the workflows that are replayed
 * for a recording: Temporal's own comparison looks at no input.
 *
 * @module
 */
import { proxySinks, type Sinks, type WorkflowInterceptors } from '@temporalio/workflow';
import type { MadeCommand } from './made-command';

interface TellingSinks extends Sinks {
  readonly loadlineCommands: { made(command: MadeCommand): void };
}
const { loadlineCommands: told } = proxySinks<TellingSinks>();

/** Found by the bundler under this name. Calls go on in the same turn, so that nothing is moved by being watched. */
export const interceptors = (): WorkflowInterceptors => ({
  outbound: [
    {
      scheduleActivity(input, next) {
        const { activityType, args, options, seq } = input;
        told.made({ kind: 'activity', type: activityType, id: options.activityId ?? String(seq), args });
        return next(input);
      },
      scheduleLocalActivity(input, next) {
        told.made({ kind: 'local-activity', type: input.activityType, id: String(input.seq), args: input.args });
        return next(input);
      },
      startTimer(input, next) {
        told.made({ kind: 'timer', type: `${input.durationMs} ms`, id: String(input.seq), args: [] });
        return next(input);
      },
      startChildWorkflowExecution(input, next) {
        const { workflowType, options } = input;
        told.made({ kind: 'child', type: workflowType, id: options.workflowId, args: options.args });
        return next(input);
      },
      signalWorkflow(input, next) {
        told.made({ kind: 'signal', type: input.signalName, id: String(input.seq), args: input.args });
        return next(input);
      },
      continueAsNew(input, next) {
        told.made({ kind: 'continue-as-new', type: input.options.workflowType ?? '', id: '', args: input.args });
        return next(input);
      },
    },
  ],
});
