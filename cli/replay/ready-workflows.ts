/** The workflows that every worker has, whose histories Loadline's own tests replay. */
export const readyWorkflowNames = ['loadTable', 'retryQuarantine', 'sweepStages'] as const;
