import type { QuarantineDesk } from '../quarantine';
import { notSupported, type Engine } from './engine';

/** A desk that refuses what it cannot do yet, each by its name. */
export function closedDesk(engine: Engine): QuarantineDesk {
  const refuse = (operation: 'quarantine desk' | 'quarantine retry') => async (): Promise<never> =>
    notSupported(engine, operation);
  return {
    list: refuse('quarantine desk'),
    show: refuse('quarantine desk'),
    export: refuse('quarantine desk'),
    submit: refuse('quarantine retry'),
    retryable: refuse('quarantine retry'),
    // eslint-disable-next-line require-yield
    async *take() {
      notSupported(engine, 'quarantine retry');
    },
    discard: refuse('quarantine desk'),
  };
}
