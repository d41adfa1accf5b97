/** What a user has before Loadline comes: a workflow with an activity, and a module that only their bundler finds. @module */
import { proxyActivities } from '@temporalio/workflow';
import { hostname } from 'os';
import { word } from 'only-in-the-bundle';
import { load, type LoadReceipt, type LoadRequest } from '../../../../workflows';
import type { activities } from './user-activities';

const { greet } = proxyActivities<typeof activities>({ startToCloseTimeout: '10s' });

/** Never called: a module that Temporal's bundler refuses unless the user tells it to ignore it. */
export const unused = (): string => hostname();

export async function greeting(name: string): Promise<string> {
  return `${await greet(name)} ${word}`;
}

export async function daily(request: LoadRequest): Promise<LoadReceipt> {
  return load(request);
}
