/** Where the worker of the bare SDK polls. */
export const bareTaskQueue = 'loadline-bench-bare';
