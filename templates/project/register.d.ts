// Names of stores and contracts complete in the editor, and typos do not compile.
import type config from './loadline.config';

declare module 'loadline' {
  interface Register {
    config: typeof config;
  }
}
