import { testRollback } from '../sql/rollback';
import { openSnowflakePlace } from '../support/snowflake-place';

testRollback(openSnowflakePlace);
