import type { LoadActivities } from '../workflows/contract';
import { audit } from './audit';
import { openCanaries } from './canary/canaries';
import type { ActivityDeps } from './deps';
import { extract } from './extract';
import { hold, reject } from './hold';
import { intervalOf } from './interval-of';
import { openLoad } from './open-load';
import { publish } from './publish';
import { discard, settle } from './settle';
import { stage } from './stage';
import { sweep } from './sweep';
import { writeQuarantined } from './write-quarantined';

/** The activities of the publish protocol, by their frozen names. Each may run any number of times. */
export function createActivities(deps: ActivityDeps): LoadActivities {
  const canaries = openCanaries(deps);
  const of = <T>(work: (own: ActivityDeps) => Promise<T>): Promise<T> => canaries.depsOfRun().then(work);
  return {
    'loadline.openLoad': (input) => of((own) => openLoad(own, input)),
    'loadline.extract': (input) => of((own) => extract(own, input)),
    'loadline.stage': (input) => of((own) => stage(own, input)),
    'loadline.audit': (input) => of((own) => audit(own, input)),
    'loadline.publish': (input) => of((own) => publish(own, input)),
    'loadline.hold': (input) => of((own) => hold(own, input)),
    'loadline.reject': (input) => of((own) => reject(own, input)),
    'loadline.settle': (input) => of((own) => settle(own, input)),
    'loadline.discard': (input) => of((own) => discard(own, input)),
    'loadline.writeCanary': () => canaries.write(),
    'loadline.inspectCanary': () => canaries.inspect(),
    'loadline.removeCanary': () => canaries.remove(),
    'loadline.intervalOf': (input) => intervalOf(input),
    'loadline.sweep': (input) => of((own) => sweep(own, input)),
    'loadline.writeQuarantined': (input) => of((own) => writeQuarantined(own, input)),
  };
}
