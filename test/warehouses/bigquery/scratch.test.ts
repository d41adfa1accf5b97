import { testScratch } from '../sql/scratch';
import { openBigQueryPlace } from './place';

testScratch(openBigQueryPlace);
