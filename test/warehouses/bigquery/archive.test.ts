import { testArchive } from '../sql/archive';
import { openBigQueryPlace } from './place';

testArchive(openBigQueryPlace);
