import { bigQueryDialect } from '../../../activities/warehouses/bigquery/dialect';
import { testMetrics } from '../sql/metrics';
import { openBigQueryPlace } from './place';

testMetrics(openBigQueryPlace, bigQueryDialect);
