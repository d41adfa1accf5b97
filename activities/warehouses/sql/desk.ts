import type { QuarantineDesk } from '../quarantine';
import { notSupported, type Engine } from './engine';

/** A desk that refuses what it cannot do yet, each by its name. */
export function closedDesk(engine: Engine): QuarantineDesk {
  const refuse = (operation: string) => async (): Promise<never> => notSupported(engine, `quarantine ${operation}`);
  return {
    list: refuse('list'),
    show: refuse('show'),
    export: refuse('export'),
    submit: refuse('submit'),
    retryable: refuse('retry'),
    // eslint-disable-next-line require-yield
    async *take() {
      notSupported(engine, 'quarantine retry');
    },
    discard: refuse('discard'),
  };
}
