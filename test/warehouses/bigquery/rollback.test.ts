import { testRollback } from '../sql/rollback';
import { openBigQueryPlace } from './place';

testRollback(openBigQueryPlace);
