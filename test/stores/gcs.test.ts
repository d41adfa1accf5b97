import { hasStore } from '../services/stores/store-services';
import { gcsPlace } from './support/gcs-place';
import { objectSuite } from './support/object-suite';
import { storeSuite } from './support/store-suite';

const there = hasStore('gcs');

(there ? describe : describe.skip)('a store in GCS', () => {
  storeSuite(gcsPlace);
  objectSuite(gcsPlace);
});
