import { localPlace } from './support/local-place';
import { storeSuite } from './support/store-suite';

describe('a store of local files', () => storeSuite(localPlace));
