import { testProtocol } from '../sql/protocol';
import { openBigQueryPlace } from './place';

testProtocol(openBigQueryPlace);
