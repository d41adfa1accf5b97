import { testQuarantine } from '../sql/quarantine';
import { openBigQueryPlace } from './place';

testQuarantine(openBigQueryPlace, 'retries');
