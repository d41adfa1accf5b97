/** Schedules that are declared in code, and put on the server. @module */
export { applySchedules, type AppliedSchedules, type ApplyOptions } from './apply-schedules';
export { checkSchedules } from './check-schedules';
export { planSchedules, type PlannedSchedule, type SchedulesPlan } from './plan-schedules';
