import { testDedup } from '../sql/dedup';
import { openBigQueryPlace } from './place';

testDedup(openBigQueryPlace);
