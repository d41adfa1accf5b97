/** The workflows that every worker has, whose histories Loadline's own tests replay. */
export const readyWorkflowNames = ['canaryLoad', 'loadTable', 'retryQuarantine', 'runCanary', 'sweepStages'] as const;
