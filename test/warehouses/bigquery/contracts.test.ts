import { testContracts } from '../sql/contracts';
import { openBigQueryPlace } from './place';

testContracts(openBigQueryPlace);
