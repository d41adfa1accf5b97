import { testQuarantine } from '../sql/quarantine';
import { openSnowflakePlace } from '../support/snowflake-place';

testQuarantine(openSnowflakePlace);
