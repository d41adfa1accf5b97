import type { QuarantineDesk } from '../quarantine';
import { notSupported, type Engine } from './engine';

/** A desk that refuses what it cannot do yet, by its name. */
export function closedDesk(engine: Engine): QuarantineDesk {
  const refuse = async (): Promise<never> => notSupported(engine, 'quarantine desk');
  return {
    list: refuse,
    show: refuse,
    export: refuse,
    submit: refuse,
    retryable: refuse,
    // eslint-disable-next-line require-yield
    async *take() {
      notSupported(engine, 'quarantine desk');
    },
    discard: refuse,
  };
}
