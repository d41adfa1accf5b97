import { hasStore } from '../services/stores/store-services';
import { gcsPlace } from './support/gcs-place';
import { loadSuite } from './support/load-suite';
import { s3Place } from './support/s3-place';

jest.setTimeout(120_000);

const hasGcs = hasStore('gcs');

describe('loads from S3', () => loadSuite('s3', s3Place));
(hasGcs ? describe : describe.skip)('loads from GCS', () => loadSuite('gcs', gcsPlace));
