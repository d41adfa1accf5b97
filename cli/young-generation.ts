import { setFlagsFromString } from 'node:v8';

/**
 * Keeps V8's young generation as small as it is at the start. Importing a worker's modules would grow it to 32 MB in
 * each isolate, for ever; and the buffers that a load passes through the process, which are outside of the heap, would
 * wait for a young generation of that size to fill before they are freed. Node has an option for it,
 * `--max-semi-space-size`, but a program cannot set it for itself; a V8 that does not know this one goes on without.
 */
export function keepYoungGenerationSmall(): void {
  setFlagsFromString('--semi-space-growth-factor=1');
}
