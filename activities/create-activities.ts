import type { LoadActivities } from '../workflows/contract';
import { audit } from './audit';
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
  return {
    'loadline.openLoad': (input) => openLoad(deps, input),
    'loadline.extract': (input) => extract(deps, input),
    'loadline.stage': (input) => stage(deps, input),
    'loadline.audit': (input) => audit(deps, input),
    'loadline.publish': (input) => publish(deps, input),
    'loadline.hold': (input) => hold(deps, input),
    'loadline.reject': (input) => reject(deps, input),
    'loadline.settle': (input) => settle(deps, input),
    'loadline.discard': (input) => discard(deps, input),
    'loadline.intervalOf': (input) => intervalOf(input),
    'loadline.sweep': (input) => sweep(deps, input),
    'loadline.writeQuarantined': (input) => writeQuarantined(deps, input),
  };
}
