import { testModes } from '../sql/modes';
import { openSnowflakePlace } from '../support/snowflake-place';

testModes(openSnowflakePlace);
