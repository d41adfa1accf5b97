import { testDedup } from '../sql/dedup';
import { openSnowflakePlace } from '../support/snowflake-place';

testDedup(openSnowflakePlace);
