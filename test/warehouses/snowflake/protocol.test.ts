import { testProtocol } from '../sql/protocol';
import { openSnowflakePlace } from '../support/snowflake-place';

testProtocol(openSnowflakePlace);
