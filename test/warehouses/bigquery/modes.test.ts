import { testModes } from '../sql/modes';
import { openBigQueryPlace } from './place';

testModes(openBigQueryPlace);
